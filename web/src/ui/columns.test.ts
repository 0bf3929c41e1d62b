import { describe, expect, it } from 'vitest'
import { arrange, toKeep, withinBounds } from './columns'

const columns = ['code', 'name', 'town'].map((key) => ({ key, label: key }))
const keys = (found: readonly { key: string }[]): string[] => found.map(({ key }) => key)

describe('columns as a person wants them', () => {
  it('come in the kept order, hidden ones known as hidden', () => {
    const found = arrange(columns, [{ key: 'town', shown: true, width: 90 }, { key: 'code', shown: false, width: null }, { key: 'name', shown: true, width: null }])
    expect(keys(found)).toEqual(['town', 'code', 'name'])
    expect(found.filter((column) => column.shown).map((column) => [column.key, column.wanted])).toEqual([['town', 90], ['name', null]])
  })
  it('take in a column that came later behind its neighbour, and forget one that is gone', () => {
    const kept = [{ key: 'town', shown: true, width: null }, { key: 'gone', shown: true, width: null }, { key: 'code', shown: true, width: null }]
    expect(keys(arrange(columns, kept))).toEqual(['town', 'code', 'name'])
  })
  it('keep what another look of the same list has', () => {
    const kept = [{ key: 'unit', shown: false, width: null }]
    expect(toKeep(arrange(columns, kept), kept).at(-1)).toEqual({ key: 'unit', shown: false, width: null })
  })
  it('stay between 40 and 1200 px', () => {
    expect([withinBounds(3), withinBounds(99.6), withinBounds(9999)]).toEqual([40, 100, 1200])
  })
})
