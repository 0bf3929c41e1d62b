import type { AttributeDef } from '@/api/types'
import { number, time } from '@/ui/fmt'
import { say, t } from '@/words'
import { f } from './check'

const THIN = '\u202f'

/** "1" is the unit of a plain count and is not written. */
export const hasUnit = (attribute: AttributeDef): boolean => attribute.unit !== '' && attribute.unit !== '1'

export const isNumber = (attribute: AttributeDef): boolean => attribute.value === 'number' || attribute.value === 'integer'

/** A declared field's value as a person reads it: the choice's label, the number with its unit. */
export function valueText(attribute: AttributeDef, value: unknown, withUnit = true): string {
  if (value === null || value === undefined || value === '') return t('none')
  if (attribute.value === 'boolean') return value ? f('yes') : f('no')
  if (attribute.value === 'choice') return say(attribute.choices.find((choice) => choice.id === value)?.label) || String(value)
  if (attribute.value === 'time') return time(String(value))
  if (isNumber(attribute) && typeof value === 'number') return withUnit && hasUnit(attribute) ? `${number(value)}${THIN}${attribute.unit}` : number(value)
  return String(value)
}
