import type { ImportError, ImportView, ObjectTypeDef, RepairChoice, RepairOffer } from '@/api/types'
import { say } from '@/words'
import { writersText } from '../values'
import { i } from './words'

export type ImportJob = ImportView & { fault?: string }
export type Mapping = Record<string, string>

export interface Target {
  to: string
  label: string
  required: boolean
  /** Why no import writes it; "" if one does. */
  locked: string
}

/** What a column of a file may mean for this type. */
export function targetsOf(type: ObjectTypeDef): Target[] {
  const own: Target[] = [
    { to: 'code', label: i('code'), required: true, locked: '' },
    { to: 'name', label: i('name'), required: true, locked: '' },
  ]
  const put = (to: 'lon' | 'lat' | 'wkt' | 'area' | 'unit' | 'valid_from' | 'valid_to'): void => {
    own.push({ to, label: i(to), required: false, locked: '' })
  }
  if (type.geometry === 'point') (['lon', 'lat'] as const).forEach(put)
  if (type.geometry !== 'none') put('wkt')
  put('area')
  put('unit')
  if (type.period) (['valid_from', 'valid_to'] as const).forEach(put)
  for (const link of type.links) {
    if (link.relation === 'key') own.push({ to: `link.${link.id}`, label: i('link', { label: say(link.label) }), required: link.required, locked: '' })
  }
  for (const attribute of type.attributes) {
    own.push({ to: `attr.${attribute.id}`, label: say(attribute.label), required: attribute.required, locked: attribute.written_by.includes('import') ? '' : writersText(attribute) })
  }
  return own
}

/** How sure a guess is, in three steps; "" for none. */
export function sureness(confidence: number): 'high' | 'middle' | 'low' | '' {
  if (confidence >= 0.9) return 'high'
  if (confidence >= 0.6) return 'middle'
  return confidence > 0 ? 'low' : ''
}

const placed = (mapping: Mapping): boolean => Object.values(mapping).some((to) => to === 'lon' || to === 'lat' || to === 'wkt')
/** True where mapped positions need a coordinate system that the file does not name; shapes inside a file are the server's to ask about. */
export const needsCrs = (job: ImportJob, mapping: Mapping): boolean => !job.crs_known && placed(mapping)

/** True where a file may hold positions and does not say in which coordinate system, and its columns are settled. */
export const asksSystem = (job: ImportJob, type: ObjectTypeDef, mapping: Mapping): boolean =>
  !job.crs_known && type.geometry !== 'none' && mappingFault(job, mapping, 'any', targetsOf(type)) === ''

/** The bounds of points in degrees, with a margin; null for none. The few far strays of a bad file do not count. */
export function extentOf(points: readonly (readonly number[])[]): [number, number, number, number] | null {
  if (points.length === 0) return null
  const [west, east] = middle(points.map((point) => point[0] ?? 0))
  const [south, north] = middle(points.map((point) => point[1] ?? 0))
  return [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN]
}
const MARGIN = 0.005
/** One of so many, at either end, may be a stray. */
const STRAYS = 50
function middle(values: number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.min(Math.ceil(sorted.length / STRAYS), Math.floor((sorted.length - 1) / 2))
  return [sorted[cut] ?? 0, sorted[sorted.length - 1 - cut] ?? 0]
}

/** Why a preview cannot run yet, in words; "" if it can. */
export function mappingFault(job: ImportJob, mapping: Mapping, crs: string, targets: readonly Target[]): string {
  const columns = new Map<string, string[]>()
  for (const [column, to] of Object.entries(mapping)) {
    if (to) columns.set(to, [...(columns.get(to) ?? []), column])
  }
  for (const [to, names] of columns) {
    if (names.length > 1) return i('twice', { columns: names.join(' / '), field: targets.find((target) => target.to === to)?.label ?? to })
  }
  if (!columns.has('code')) return i('codeMissing')
  if (columns.has('lon') !== columns.has('lat')) return i('half')
  return needsCrs(job, mapping) && !crs ? i('crsNeeded') : ''
}

/** An offered repair as it is sent, with what a value shall become. */
export function asRepair(offer: RepairOffer, to = offer.to): RepairChoice {
  return { kind: offer.kind, target: offer.target, value: offer.value, to }
}
/** The repairs so far, as they are sent again. */
export const keptRepairs = (job: ImportJob): RepairChoice[] => job.repairs.map(({ kind, target, value, to }) => ({ kind, target, value, to }))
/** The repair that one click on an error's row applies: the first that mends its kind and asks nothing. */
export function repairOf(error: ImportError, offers: readonly RepairOffer[]): RepairOffer | undefined {
  return offers.find((offer) => offer.target === error.target && offer.codes.includes(error.code) && offer.options.length === 0)
}

/** The step an import stands at. */
export function stepOf(job: ImportJob | null): 1 | 2 | 3 | 4 {
  if (!job) return 1
  if (job.state === 'uploaded') return 2
  return job.state === 'previewed' ? 3 : 4
}
