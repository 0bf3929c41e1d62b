import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { Dot } from './curve'
import StreamChart from './StreamChart.vue'

const chart = { setOption: vi.fn(), resize: vi.fn(), dispose: vi.fn() }
vi.mock('@/charts/echarts', () => ({ init: () => chart }))
// jsdom lays nothing out.
vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} })

const at = (hour: number): number => Date.UTC(2026, 2, 16, hour)
const dots: Dot[] = [
  { at: at(1), value: 1.5, low: 1, high: 2, count: 6 },
  { at: at(2), value: null, low: null, high: null, count: 0 },
  { at: at(3), value: 2.5, low: 2, high: 3, count: 5 },
]
const made = (band: boolean) => mount(StreamChart, { props: { dots, band, unit: 'm', label: '水位', from: at(0), to: at(4) }, attachTo: document.body })
const press = (key: string): boolean => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))

describe('the curve of a stream', () => {
  it('has a table twin at T, newest first, gaps named as such, and goes back at T', async () => {
    const one = made(true)
    expect(one.find('table').exists()).toBe(false)
    press('T')
    await vi.waitFor(() => expect(one.find('table').exists()).toBe(true))
    expect(one.find('.frame').isVisible()).toBe(false)
    const cells = one.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))
    expect(cells[0]?.map((text) => text.replace(/\s/g, ' '))).toEqual(['2.5 m', '2 m – 3 m', '5'])
    expect(cells[1]).toHaveLength(1)
    expect(one.findAll('thead th')).toHaveLength(4)
    press('t')
    await vi.waitFor(() => expect(one.find('table').exists()).toBe(false))
    expect(one.find('.frame').isVisible()).toBe(true)
    expect(chart.resize).toHaveBeenCalled()
    one.unmount()
  })
  it('has the same twin behind a button, with the values alone where nothing is summed up', async () => {
    const one = made(false)
    await one.find('button').trigger('click')
    await vi.waitFor(() => expect(one.findAll('thead th')).toHaveLength(2))
    expect(one.find('[role=region]').attributes('aria-label')).toBe('水位')
    one.unmount()
  })
})
