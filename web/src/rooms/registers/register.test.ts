import { describe, expect, it } from 'vitest'
import type { AttributeDef, HistoryRow, ObjectDetail, ObjectTypeDef, Period, Reading } from '@/api/types'
import { valueText } from '@/forms/value'
import { bandOf, curveOf, moved, staysOf, staysOfPeriods } from './curve'
import { bodyOf, changedKeys, conflictKeys, draftOf, merged, wrongIn } from './draft'
import { changesOf, isBirth } from './history'
import { filtersFrom, filtersText, townPath, writersText } from './values'

const label = (text: string) => ({ zh: text, en: text })
const attribute = (id: string, given: Partial<AttributeDef> = {}): AttributeDef => ({
  id, label: label(id), value: 'text', unit: '', choices: [], required: false, written_by: ['form', 'import'], privacy: 'internal', minimum: null, maximum: null, pattern: '', listed: true, help: null, source: null, ...given,
})
const type: ObjectTypeDef = {
  id: 'any.thing', pack: 'any', label: label('thing'), geometry: 'point', icon: '', period: true, streams: [], schema: {},
  attributes: [
    attribute('size', { value: 'number', unit: 'm²', minimum: 0 }),
    attribute('count', { value: 'integer', unit: '1' }),
    attribute('kind', { value: 'choice', choices: [{ id: 'a', label: label('A') }] }),
    attribute('there', { value: 'boolean' }),
    attribute('grade', { written_by: ['import', 'move'] }),
    attribute('phone', { privacy: 'personal' }),
  ],
  links: [{ id: 'home', label: label('home'), to: 'any.home', relation: 'key', many: true, required: true }, { id: 'near', label: label('near'), to: 'any.home', relation: 'near', many: true, required: false }],
}
const one: ObjectDetail = {
  id: '1', type: 'any.thing', code: 'T1', name: 'First', attributes: { size: 2, kind: 'a', grade: 'high' }, area_path: '310117/310117001/310117001002/', area_name: '', unit_code: 'u', unit_name: '', lon: 121, lat: 31, valid_from: null, valid_to: null, origin: 'site', updated_at: '2026-01-01T00:00:00Z', version: 3, masked: ['phone'],
  geometry: { type: 'Point', coordinates: [121, 31] }, may_edit: true, links: [{ link: 'any.thing.home', label: label('home'), direction: 'out', id: '9', type: 'any.home', code: 'H1', name: 'H' }],
}

describe('values', () => {
  it('reads with unit, choice and yes or no', () => {
    const [size, count, kind, there] = type.attributes as [AttributeDef, AttributeDef, AttributeDef, AttributeDef]
    expect(valueText(size, 1234.5)).toBe('1,234.5\u202fm²')
    expect(valueText(count, 3)).toBe('3')
    expect(valueText(kind, 'a')).toBe('A')
    expect(valueText(kind, 'gone')).toBe('gone')
    expect(valueText(there, false)).toBe('否')
    expect(valueText(size, null)).toBe('—')
  })
  it('names who writes what no form does', () => {
    expect(writersText(type.attributes[4]!)).toBe('由导入、案件办理写入')
  })
  it('keeps of the address only filters that the type declares', () => {
    expect(filtersFrom('{"kind":"a","there":false,"size":2,"nothing":"x"}', type)).toEqual({ kind: 'a', there: false })
    expect(filtersFrom('{"kind":"z"}', type)).toEqual({})
    expect(filtersFrom('not json', type)).toEqual({})
    expect(filtersText({})).toBe('')
  })
  it('cuts an area path at its town', () => {
    expect(townPath('310117/310117001/310117001002/')).toBe('310117/310117001/')
  })
})

describe('draft', () => {
  it('holds what a form may write, and no hidden value', () => {
    const draft = draftOf(type, one)
    expect(Object.keys(draft).filter((key) => key.startsWith('attr.'))).toEqual(['attr.size', 'attr.count', 'attr.kind', 'attr.there'])
    expect(draft['link.home']).toBe('H1')
    expect(draft).not.toHaveProperty('link.near')
  })
  it('sends only what changed, numbers as numbers', () => {
    const base = draftOf(type, one)
    const mine = { ...base, 'attr.size': '2', 'attr.count': '4', 'name': 'Second ', 'geometry': '', 'link.home': 'H1\nH2' }
    const keys = changedKeys(base, mine, type)
    expect(keys.sort()).toEqual(['attr.count', 'geometry', 'link.home', 'name'])
    expect(bodyOf(type, mine, keys)).toEqual({ name: 'Second', geometry: null, attributes: { count: 4 }, links: { home: ['H1', 'H2'] } })
  })
  it('tells the fields both sides changed and lays the choice together', () => {
    const base = draftOf(type, one)
    const mine = { ...base, 'name': 'Mine', 'attr.size': 5 }
    const theirs = { ...base, 'name': 'Theirs', 'attr.count': 7 }
    expect(conflictKeys(base, mine, theirs, type)).toEqual(['name'])
    expect(merged(base, mine, theirs, new Set(['name']), type)).toMatchObject({ 'name': 'Theirs', 'attr.size': 5, 'attr.count': 7 })
    expect(merged(base, mine, theirs, new Set(), type)).toMatchObject({ name: 'Mine' })
  })
  it('lists every fault', () => {
    const draft = { ...draftOf(type, null), 'attr.size': '-1', 'geometry': '{"type":"Point","coordinates":[121,null]}' }
    expect(wrongIn(type, draft, true).map((each) => each.key)).toEqual(['code', 'name', 'geometry', 'attr.size', 'link.home'])
  })
})

describe('history', () => {
  const row = (changes: Record<string, unknown>): HistoryRow => ({ id: 1, at: '', actor: '', actor_name: '', action: 'changed', action_label: label('changed'), why: '', data: { changes } })
  const names = { area: (path: string) => path, unit: (code: string) => `unit ${code}` }
  it('tells changes in the words of the type', () => {
    const told = changesOf(row({ 'attr.size': [1, 2], 'unit_code': ['u', 'v'], 'geometry': [null, { type: 'Point', coordinates: [121, 31] }], 'link.home': [['H1'], ['H1', 'H2']] }), type, names)
    expect(told.map((each) => `${each.label} ${each.before} ${each.after}`)).toEqual(['size 1\u202fm² 2\u202fm²', '单位 unit u unit v', '位置 — 121.00000, 31.00000', 'home H1 H1、H2'])
  })
  it('knows a birth from a change', () => {
    expect(isBirth(changesOf(row({ name: [null, 'a'] }), type, names))).toBe(true)
    expect(isBirth(changesOf(row({ name: ['a', 'b'] }), type, names))).toBe(false)
  })
})

describe('curves', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
  const reading = (minute: number, value: number | null, code = '', quality = 0): Reading => ({ at: at(minute), value, code, quality })
  it('leaves a gap where the stream was silent and leaves doubtful values out', () => {
    const { dots, doubtful } = curveOf([reading(30, 3), reading(0, 1), reading(5, 2), reading(6, 99, '', 64), reading(7, 4, '', 1)], 10 * 60_000)
    expect(dots.map((dot) => dot.value)).toEqual([1, 2, 4, null, 3])
    expect(doubtful).toBe(1)
  })
  const period = (minute: number, mean: number | null, codes: Record<string, number> = {}): Period => ({ at: at(minute), count: 5, usable: mean === null ? 0 : 4, mean, low: mean === null ? null : mean - 1, high: mean === null ? null : mean + 1, quality: 0, code: '', codes })
  it('draws periods at their middle with low and high, and leaves a gap where none came', () => {
    const { dots, doubtful } = bandOf([period(0, 1), period(5, 2), period(10, null), period(30, 3)], 5 * 60_000, 6 * 60_000)
    expect(dots.map((dot) => [dot.value, dot.low, dot.high])).toEqual([[1, 0, 2], [2, 1, 3], [null, null, null], [3, 2, 4]])
    expect(dots[0]?.at).toBe(Date.parse(at(2)) + 30_000)
    expect(doubtful).toBe(8)
  })
  it('names every state of a period', () => {
    const stays = staysOfPeriods([period(0, null, { ok: 5 }), period(5, null, { ok: 5 }), period(10, null, { E1: 1, ok: 4 }), period(40, null, { ok: 5 })], 5 * 60_000, 0, Date.parse(at(45)))
    expect(stays.map((stay) => [stay.silent ? '-' : stay.code, (stay.to - stay.from) / 60_000])).toEqual([['ok', 10], ['ok · E1', 5], ['-', 25], ['ok', 5]])
  })
  it('moves and stretches a span, never beyond now', () => {
    expect(moved({ from: 0, to: 600_000 }, -0.5, 1, 1e9)).toEqual({ from: -300_000, to: 300_000 })
    expect(moved({ from: 0, to: 600_000 }, 0, 0.5, 1e9)).toEqual({ from: 150_000, to: 450_000 })
    expect(moved({ from: 0, to: 600_000 }, 0.5, 2, 600_000)).toEqual({ from: -600_000, to: 600_000 })
    expect(moved({ from: 0, to: 60_000 }, 0, 0.5, 1e9)).toEqual({ from: 0, to: 60_000 })
  })
  it('joins equal states and shows silence as its own stretch', () => {
    const stays = staysOf([reading(0, null, 'ok'), reading(1, null, 'ok'), reading(2, null, 'E1'), reading(40, null, 'ok')], 15 * 60_000, Date.parse(at(41)))
    expect(stays.map((stay) => [stay.silent ? '-' : stay.code, (stay.to - stay.from) / 60_000])).toEqual([['ok', 2], ['E1', 15], ['-', 23], ['ok', 1]])
  })
})
