import { describe, expect, it, vi } from 'vitest'
import { actsOf, matching } from './commands'

function page(html: string): HTMLElement {
  const root = document.createElement('main')
  root.innerHTML = html
  for (const button of root.querySelectorAll('button')) Object.defineProperty(button, 'offsetParent', { value: root })
  return root
}

describe('the acts of a page', () => {
  it('are its buttons with their keys, and the reason where one is locked', () => {
    const root = page('<button class="act">确认<kbd>C</kbd></button><button class="act" aria-disabled="true" title="由派遣员办理">派遣<span>由派遣员办理</span></button>')
    const clicked = vi.fn()
    root.querySelector('button')?.addEventListener('click', clicked)
    const acts = actsOf(root)
    expect(acts.map(({ title, keys, locked }) => [title, keys, locked])).toEqual([['确认', 'C', ''], ['派遣', '', '由派遣员办理']])
    acts[0]?.run()
    expect(clicked).toHaveBeenCalledOnce()
  })
  it('leave the buttons of rows to their rows, and say each once', () => {
    const root = page('<table><tr><td><button class="act">确认</button></td></tr></table><button class="act">导出</button><button class="act">导出</button>')
    expect(actsOf(root).map(({ title }) => title)).toEqual(['导出'])
  })
  it('are found by words in any case', () => {
    const command = (title: string) => ({ id: title, group: '', title, keys: '', locked: '', run: () => undefined })
    expect(matching([command('Action plan'), command('Alarms')], 'PLAN act').map(({ title }) => title)).toEqual(['Action plan'])
    expect(matching([command('行动计划')], '').length).toBe(1)
  })
})
