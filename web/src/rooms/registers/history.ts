import type { HistoryRow, ObjectTypeDef } from '@/api/types'
import { valueText } from '@/forms/value'
import { say, t } from '@/words'
import { w } from './words'

export interface FieldChange {
  key: string
  label: string
  before: string
  after: string
}

const OWN = { name: () => w('name'), unit_code: () => w('unit'), area_path: () => w('area'), valid_from: () => `${w('validity')} ${w('from')}`, valid_to: () => `${w('validity')} ${w('to')}`, geometry: () => w('place') } as const
const isOwn = (key: string): key is keyof typeof OWN => key in OWN

function labelOf(key: string, type: ObjectTypeDef): string {
  if (isOwn(key)) return OWN[key]()
  const id = key.replace(/^(attr|link)\./, '')
  const found = key.startsWith('link.') ? type.links.find((link) => link.id === id) : type.attributes.find((attribute) => attribute.id === id)
  return say(found?.label) || key
}

function shapeText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return t('none')
  const { type, coordinates } = value as { type?: string; coordinates?: unknown }
  if (type === 'Point' && Array.isArray(coordinates)) return coordinates.slice(0, 2).map((side) => Number(side).toFixed(5)).join(', ')
  return type ?? t('none')
}

function textOf(key: string, value: unknown, type: ObjectTypeDef, names: Names): string {
  if (value === null || value === undefined || value === '') return t('none')
  if (key === 'geometry') return shapeText(value)
  if (key === 'area_path') return names.area(String(value))
  if (key === 'unit_code') return names.unit(String(value))
  const attribute = key.startsWith('attr.') ? type.attributes.find((one) => one.id === key.slice(5)) : undefined
  if (attribute) return valueText(attribute, value)
  return Array.isArray(value) ? value.join(w('and')) : String(value)
}

export interface Names {
  area: (path: string) => string
  unit: (code: string) => string
}

/** What a history row changed, in the words of the type; empty for rows that changed no field. */
export function changesOf(row: HistoryRow, type: ObjectTypeDef, names: Names): FieldChange[] {
  const changes = row.data.changes
  if (typeof changes !== 'object' || changes === null) return []
  return Object.entries(changes).flatMap(([key, pair]) =>
    Array.isArray(pair) && key !== 'removed' ? [{ key, label: labelOf(key, type), before: textOf(key, pair[0], type, names), after: textOf(key, pair[1], type, names) }] : [],
  )
}

/** How many changes of the row privacy hides. */
export const hiddenIn = (row: HistoryRow): number => (Array.isArray(row.data.masked) ? row.data.masked.length : 0)
/** A row that made the object: what it set is the object itself and is not told change by change. */
export const isBirth = (changes: readonly FieldChange[]): boolean => changes.length > 0 && changes.every((change) => change.before === t('none'))
