import type { AttributeDef, ObjectRow, ObjectTypeDef } from '@/api/types'
import { t } from '@/words'
import { w } from './words'

/** The attributes that a list shows and can be filtered by. */
export const listed = (type: ObjectTypeDef): AttributeDef[] => type.attributes.filter((attribute) => attribute.listed)
export const filterable = (type: ObjectTypeDef): AttributeDef[] => type.attributes.filter((attribute) => attribute.value === 'choice' || attribute.value === 'boolean')

export type Filters = Record<string, string | boolean>

/** Reads filters from the address; what the type does not declare is dropped, so that an old link still opens. */
export function filtersFrom(text: string, type: ObjectTypeDef): Filters {
  let read: unknown
  try {
    read = JSON.parse(text || '{}')
  } catch {
    return {}
  }
  if (typeof read !== 'object' || read === null) return {}
  const known = new Map(filterable(type).map((attribute) => [attribute.id, attribute]))
  const kept: Filters = {}
  for (const [id, value] of Object.entries(read)) {
    const attribute = known.get(id)
    if (attribute?.value === 'boolean' && typeof value === 'boolean') kept[id] = value
    if (attribute?.value === 'choice' && typeof value === 'string' && attribute.choices.some((choice) => choice.id === value)) kept[id] = value
  }
  return kept
}
export const filtersText = (filters: Filters): string => (Object.keys(filters).length > 0 ? JSON.stringify(filters) : '')

const WRITERS = ['form', 'import', 'move', 'reading', 'run'] as const
/** Who writes an attribute that no form does, in words. */
export function writersText(attribute: AttributeDef): string {
  const who = WRITERS.filter((writer) => attribute.written_by.includes(writer)).map((writer) => w(`writer.${writer}`))
  return w('writtenBy', { who: who.join(w('and')) })
}

const LEVELS = ['public', 'internal', 'personal', 'sensitive'] as const
/** Why a value is hidden, in words. */
export function maskedText(attribute: AttributeDef): string {
  const level = LEVELS.find((one) => one === attribute.privacy)
  return w('maskedWhy', { level: level ? w(`privacy.${level}`) : attribute.privacy })
}

/** The town's part of an area path: district and town codes. */
export const townPath = (areaPath: string): string => {
  const codes = areaPath.split('/').filter(Boolean).slice(0, 2)
  return codes.length > 0 ? `${codes.join('/')}/` : ''
}

/** Where a row came from, in words. */
export function originText(origin: string): string {
  if (origin.startsWith('import:')) return w('originImport', { name: origin.slice('import:'.length) })
  if (origin === 'site') return w('originSite')
  return origin.startsWith('synthetic:') ? t('proof.synthetic') : origin
}

export const positionText = (row: Pick<ObjectRow, 'lon' | 'lat'>): string => (row.lon === null || row.lat === null ? '' : `${row.lon.toFixed(5)}, ${row.lat.toFixed(5)}`)
