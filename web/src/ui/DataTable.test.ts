import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { h } from 'vue'
import DataTable from './DataTable.vue'

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
  it('leaves a click on its link to the link', async () => {
    const one = table()
    await one.find('tbody a').trigger('click')
    expect(one.emitted('update:selected')).toBeUndefined()
  })
})
