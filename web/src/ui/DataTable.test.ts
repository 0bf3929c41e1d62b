import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { h } from 'vue'
import { COLUMN_KEEPER, type ColumnKept } from './columns'
import DataTable from './DataTable.vue'

// jsdom lays nothing out and so scrolls nowhere.
Element.prototype.scrollIntoView = () => undefined

const columns = [{ key: 'code', label: 'Code' }, { key: 'name', label: 'Name' }]
const rows = [{ code: 'A1', name: 'one' }, { code: 'A2', name: 'two' }]

describe('a row of the table', () => {
  const table = () =>
    mount(DataTable, {
      props: { columns, rows, rowKey: (row: unknown) => (row as { code: string }).code },
      slots: { 'cell-code': ({ row }: { row: unknown }) => h('a', { href: '#x' }, (row as { code: string }).code) },
    })
  it('is selected by a click on its text and opened by two', async () => {
    const one = table()
    await one.findAll('tbody td')[1]?.trigger('click')
    await one.findAll('tbody td')[1]?.trigger('dblclick')
    expect(one.emitted('update:selected')).toEqual([['A1']])
    expect(one.emitted('open')).toHaveLength(1)
  })
  it('puts the acts on ticked rows where the head was', async () => {
    const one = mount(DataTable, {
      props: { columns, rows, rowKey: (row: unknown) => (row as { code: string }).code, checked: new Set<string>() },
      slots: { bulk: () => h('button', 'act') },
    })
    expect(one.find('thead').text()).toBe('CodeName')
    await one.findAll('tbody input')[1]?.trigger('change')
    expect(one.emitted('update:checked')).toEqual([[new Set(['A2'])]])
    await one.setProps({ checked: new Set(['A2']) })
    expect(one.find('thead').text()).toBe('act')
    await one.find('thead input').trigger('change')
    expect(one.emitted('update:checked')?.[1]).toEqual([new Set(['A1', 'A2'])])
  })
  it('leaves a click on its link to the link', async () => {
    const one = table()
    await one.find('tbody a').trigger('click')
    expect(one.emitted('update:selected')).toBeUndefined()
  })
})

describe('the keys of the table', () => {
  const press = (key: string): boolean => window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
  const table = () => mount(DataTable, { props: { columns, rows, rowKey: (row: unknown) => (row as { code: string }).code, selected: 'A1', checked: new Set<string>() } })
  it('move, open, tick and show in full', async () => {
    const one = table()
    for (const key of ['j', 'Enter', 'x', ' ']) press(key)
    await one.vm.$nextTick()
    expect(one.emitted('update:selected')).toEqual([['A2']])
    expect(one.emitted('open')).toEqual([[rows[0]]])
    expect(one.emitted('update:checked')).toEqual([[new Set(['A1'])]])
    expect(one.find('tr.unfolded td:nth-child(2)').text()).toBe('A1')
    one.unmount()
  })
  it('leave Enter and Space to a focused link', () => {
    const one = table()
    const link = document.body.appendChild(document.createElement('a'))
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })
    link.dispatchEvent(event)
    expect([event.defaultPrevented, one.emitted('open')]).toEqual([false, undefined])
    link.remove()
    one.unmount()
  })
})

describe('the columns of the table', () => {
  it('stand as the person wants them, and lead to where that is changed', () => {
    const kept: ColumnKept[] = [{ key: 'name', shown: true, width: 200 }, { key: 'code', shown: false, width: null }]
    const one = mount(DataTable, {
      props: { columns, rows, rowKey: (row: unknown) => (row as { code: string }).code, name: 'things' },
      global: { provide: { [COLUMN_KEEPER as symbol]: { page: () => 'page', of: (table: string) => (table === 'things' ? kept : []), keep: () => undefined } } },
    })
    expect(one.findAll('th').map((head) => head.text())).toEqual(['Name'])
    expect(one.find('th').attributes('style')).toContain('width: 200px')
    expect(one.find('.foot').text()).toBe('列')
  })
})
