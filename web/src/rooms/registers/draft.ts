import type { AttributeDef, ObjectDetail, ObjectTypeDef } from '@/api/types'
import { fault, type FieldValue } from '@/forms/check'
import { w } from './words'

/** An object as a form holds it, flat: code, name, unit, valid_from, valid_to, geometry (GeoJSON text), attr.<id>, link.<id> (codes, a line each). */
export type Draft = Record<string, FieldValue>
export interface Wrong {
  key: string
  words: string
}

export const byForm = (attribute: AttributeDef): boolean => attribute.written_by.includes('form')
/** Links that are stored; the others follow from geometry and are never typed in. */
export const storedLinks = (type: ObjectTypeDef) => type.links.filter((link) => link.relation === 'key')
export const codesOf = (value: FieldValue | undefined): string[] => String(value ?? '').split('\n').filter(Boolean)

export function draftOf(type: ObjectTypeDef, one: ObjectDetail | null): Draft {
  const draft: Draft = {
    code: one?.code ?? '',
    name: one?.name ?? '',
    unit: one?.unit_code ?? '',
    geometry: one?.geometry ? JSON.stringify(one.geometry) : '',
  }
  if (type.period) {
    draft.valid_from = one?.valid_from ?? null
    draft.valid_to = one?.valid_to ?? null
  }
  for (const attribute of type.attributes) {
    if (byForm(attribute) && !one?.masked.includes(attribute.id)) draft[`attr.${attribute.id}`] = one?.attributes[attribute.id] ?? null
  }
  for (const link of storedLinks(type)) {
    const ends = (one?.links ?? []).filter((end) => end.direction === 'out' && end.link === `${type.id}.${link.id}`)
    draft[`link.${link.id}`] = ends.map((end) => end.code).sort().join('\n')
  }
  return draft
}

/** Typed numbers arrive as text: compare what would be sent. */
function plain(key: string, value: FieldValue | undefined, type: ObjectTypeDef): FieldValue {
  if (value === undefined || value === null || value === '') return null
  if (!key.startsWith('attr.')) return typeof value === 'string' ? value.trim() : value
  const attribute = type.attributes.find((one) => `attr.${one.id}` === key)
  if (attribute?.value !== 'number' && attribute?.value !== 'integer') return value
  const number = Number(value)
  return Number.isNaN(number) ? value : number
}

export const changedKeys = (base: Draft, mine: Draft, type: ObjectTypeDef): string[] =>
  Object.keys(mine).filter((key) => plain(key, base[key], type) !== plain(key, mine[key], type))

/** The fields that both sides changed, each differently. */
export const conflictKeys = (base: Draft, mine: Draft, theirs: Draft, type: ObjectTypeDef): string[] =>
  changedKeys(base, mine, type).filter((key) => key in theirs && plain(key, theirs[key], type) !== plain(key, base[key], type) && plain(key, theirs[key], type) !== plain(key, mine[key], type))

/** Mine laid onto theirs, but for the fields where theirs was chosen. */
export function merged(base: Draft, mine: Draft, theirs: Draft, chosenTheirs: ReadonlySet<string>, type: ObjectTypeDef): Draft {
  const own = changedKeys(base, mine, type).filter((key) => !chosenTheirs.has(key))
  return { ...theirs, ...Object.fromEntries(own.map((key) => [key, mine[key] ?? null])) }
}

/** Everything wrong with a draft, in words; the server checks again and knows more. */
export function wrongIn(type: ObjectTypeDef, draft: Draft, isNew: boolean): Wrong[] {
  const found: Wrong[] = []
  if (isNew && !String(draft.code ?? '').trim()) found.push({ key: 'code', words: w('required') })
  if (!String(draft.name ?? '').trim()) found.push({ key: 'name', words: w('required') })
  const shape = String(draft.geometry ?? '')
  if (shape && !readShape(shape)) found.push({ key: 'geometry', words: type.geometry === 'point' ? w('geometryHalf') : w('geometryBad') })
  for (const attribute of type.attributes) {
    const key = `attr.${attribute.id}`
    if (!(key in draft)) continue
    const words = fault(attribute, draft[key])
    if (words) found.push({ key, words })
  }
  for (const link of storedLinks(type)) {
    if (link.required && codesOf(draft[`link.${link.id}`]).length === 0) found.push({ key: `link.${link.id}`, words: w('required') })
  }
  return found
}

/** The geometry a text holds, or null where it is none. */
export function readShape(text: string): GeoJSON.Geometry | null {
  try {
    const read = JSON.parse(text) as GeoJSON.Geometry | null
    if (!read || typeof read.type !== 'string' || !('coordinates' in read)) return null
    if (read.type === 'Point' && !(read.coordinates.length >= 2 && read.coordinates.every((side) => typeof side === 'number'))) return null
    return read
  } catch {
    return null
  }
}

/** What is sent of the keys given. */
export function bodyOf(type: ObjectTypeDef, draft: Draft, keys: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const attributes: Record<string, FieldValue> = {}
  const links: Record<string, string[]> = {}
  for (const key of keys) {
    const value = plain(key, draft[key], type)
    if (key.startsWith('attr.')) attributes[key.slice(5)] = value
    else if (key.startsWith('link.')) links[key.slice(5)] = codesOf(draft[key])
    else if (key === 'geometry') body.geometry = value === null ? null : readShape(String(value))
    else if (key === 'unit') body.unit_code = value ?? ''
    else if (key === 'valid_from' || key === 'valid_to') body[key] = value
    else body[key] = value ?? ''
  }
  if (Object.keys(attributes).length > 0) body.attributes = attributes
  if (Object.keys(links).length > 0) body.links = links
  return body
}

/** The form's key of a field that the server found wrong. */
export const keyOfField = (field: string): string => (field === 'unit_code' ? 'unit' : field)

/** What was typed and not saved, as long as the page lives: a form closed by mistake opens as it was. */
const kept = new Map<string, { version: number; draft: Draft }>()
const nameOf = (type: ObjectTypeDef, one: ObjectDetail | null): string => `${type.id} ${one?.id ?? ''}`
export function keepDraft(type: ObjectTypeDef, one: ObjectDetail | null, draft: Draft | null): void {
  if (draft && changedKeys(draftOf(type, one), draft, type).length > 0) kept.set(nameOf(type, one), { version: one?.version ?? 0, draft: { ...draft } })
  else kept.delete(nameOf(type, one))
}
/** The kept draft, if the object is still at the version it was typed on. */
export function keptDraft(type: ObjectTypeDef, one: ObjectDetail | null): Draft | null {
  const found = kept.get(nameOf(type, one))
  return found && found.version === (one?.version ?? 0) ? found.draft : null
}
