import { describe, expect, it } from 'vitest'
import type { ObjectTypeDef } from '@/api/types'
import { asksSystem, asRepair, extentOf, keptRepairs, repairOf, mappingFault, needsCrs, stepOf, sureness, targetsOf, type ImportJob } from './mapping'

const label = (text: string) => ({ zh: text, en: text })
const attribute = (id: string, written_by: string[]) => ({ id, label: label(id), value: 'text' as const, unit: '', choices: [], required: false, written_by, privacy: 'internal', minimum: null, maximum: null, pattern: '', listed: true, help: null, source: null })
const type: ObjectTypeDef = {
  id: 'any.thing', pack: 'any', label: label('thing'), geometry: 'point', icon: '', period: false, streams: [], schema: {},
  attributes: [attribute('size', ['form', 'import']), attribute('state', ['move'])],
  links: [{ id: 'home', label: label('home'), to: 'any.home', relation: 'key', many: false, required: true }, { id: 'near', label: label('near'), to: 'any.home', relation: 'near', many: true, required: false }],
}
const job = (given: Partial<ImportJob> = {}): ImportJob => ({
  id: '1', type: 'any.thing', filename: 'a.csv', columns: ['a', 'b', 'c'], sheets: [], sheet: '', crs: '', crs_known: false, rows: 1, mapping: [], sample: [], state: 'uploaded', progress: 0, counts: null, errors: [], errors_total: 0, error_kinds: [], repairs: [], offers: [], lacking: [], sample_geojson: null, result_rejected: false, fault: '', undone_at: null, ...given,
})

describe('mapping', () => {
  it('offers what the type can take, and says what no import writes', () => {
    const targets = targetsOf(type)
    expect(targets.map((target) => target.to)).toEqual(['code', 'name', 'lon', 'lat', 'wkt', 'area', 'unit', 'link.home', 'attr.size', 'attr.state'])
    expect(targets.find((target) => target.to === 'attr.state')?.locked).toBe('由案件办理写入')
    expect(targetsOf({ ...type, geometry: 'none' }).map((target) => target.to)).not.toContain('lon')
  })
  it('names why a preview cannot run yet', () => {
    const targets = targetsOf(type)
    expect(mappingFault(job(), { a: 'name' }, '', targets)).toBe('还没有指定编号是哪一列')
    expect(mappingFault(job(), { a: 'code', b: 'code' }, '', targets)).toBe('a / b 都对应到“编号”，只留一列')
    expect(mappingFault(job(), { a: 'code', b: 'lon' }, '', targets)).toBe('经度、纬度须同时指定')
    expect(mappingFault(job(), { a: 'code', b: 'lon', c: 'lat' }, '', targets)).toContain('坐标系')
    expect(mappingFault(job(), { a: 'code', b: 'lon', c: 'lat' }, 'GCJ-02', targets)).toBe('')
    expect(needsCrs(job({ crs_known: true }), { b: 'wkt' })).toBe(false)
  })
  it('asks for the coordinate system once the columns are settled and the file does not say', () => {
    const settled = { a: 'code', b: 'lon', c: 'lat' }
    expect(asksSystem(job(), type, settled)).toBe(true)
    expect(asksSystem(job(), type, { a: 'code' })).toBe(true)
    expect(asksSystem(job(), type, { b: 'lon', c: 'lat' })).toBe(false)
    expect(asksSystem(job({ crs_known: true }), type, settled)).toBe(false)
    expect(asksSystem(job(), { ...type, geometry: 'none' }, settled)).toBe(false)
  })
  it('looks at where the points lie, and lets no stray widen that', () => {
    const points = Array.from({ length: 40 }, (_, at) => [121 + at / 1000, 31] as const)
    const [west, south, east, north] = extentOf([...points, [-170, -80]]) ?? []
    expect([west, south, east, north].map((one) => one?.toFixed(3))).toEqual(['120.995', '30.995', '121.043', '31.005'])
    expect(extentOf([])).toBeNull()
    expect(extentOf([[121, 31], [121.01, 31]])?.map((one) => one.toFixed(3))).toEqual(['120.995', '30.995', '121.015', '31.005'])
  })
  it('says how sure a guess is in three steps', () => {
    expect([1, 0.7, 0.5, 0].map(sureness)).toEqual(['high', 'middle', 'low', ''])
  })
  it('finds the repair of an error that asks nothing', () => {
    const words = label('x')
    const offer = (kind: string, target: string, codes: string[], options: { id: string; label: typeof words }[] = []) => ({ kind, target, value: '', to: '', label: words, rows: 3, column: '', codes, options })
    const error = { row: 2, column: 'a', target: 'attr.size', value: 'x', code: 'not_a_number', problem: words, why: words, remedy: words }
    const asks = offer('replace', 'attr.size', ['not_a_number'], [{ id: '', label: words }])
    const reads = offer('read_numbers', 'attr.size', ['not_a_number'])
    expect(repairOf(error, [offer('tidy', 'code', ['not_a_number']), asks, reads])).toBe(reads)
    expect(repairOf(error, [asks])).toBeUndefined()
    expect(asRepair(asks, '7')).toEqual({ kind: 'replace', target: 'attr.size', value: '', to: '7' })
    expect(keptRepairs(job({ repairs: [{ kind: 'tidy', target: 'code', value: '', to: '', label: words, rows: 1 }] }))).toEqual([{ kind: 'tidy', target: 'code', value: '', to: '' }])
  })
  it('knows the step by the state', () => {
    expect([null, job(), job({ state: 'previewed' }), job({ state: 'running' }), job({ state: 'failed' })].map(stepOf)).toEqual([1, 2, 3, 4, 4])
  })
})
