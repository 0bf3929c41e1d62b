import type { AttributeDef } from '@/api/types'
import { words } from '@/words'

export type FieldValue = string | number | boolean | null
export type FieldValues = Record<string, FieldValue>

export const f = words({
  zh: {
    required: '必填',
    notNumber: '应为数字',
    notInteger: '应为整数',
    tooSmall: '不小于 {n}',
    tooLarge: '不大于 {n}',
    pattern: '格式不符',
    choose: '选择…',
    yes: '是',
    no: '否',
    faults: '有 {n} 处待改',
    masked: '按隐私级别遮盖，您的岗位不可见',
  },
  en: {
    required: 'Required',
    notNumber: 'Must be a number',
    notInteger: 'Must be a whole number',
    tooSmall: 'At least {n}',
    tooLarge: 'At most {n}',
    pattern: 'Not in the expected form',
    choose: 'Choose…',
    yes: 'Yes',
    no: 'No',
    faults: '{n} to mend',
    masked: 'Hidden by its privacy level from your post',
  },
})

const blank = (value: FieldValue | undefined): boolean => value === undefined || value === null || value === ''

/** What is wrong with a value, in words; "" if nothing. The server checks again. */
export function fault(field: AttributeDef, value: FieldValue | undefined): string {
  if (blank(value)) return field.required ? f('required') : ''
  if (field.value === 'number' || field.value === 'integer') {
    const number = Number(value)
    if (Number.isNaN(number)) return f('notNumber')
    if (field.value === 'integer' && !Number.isInteger(number)) return f('notInteger')
    if (field.minimum !== null && number < field.minimum) return f('tooSmall', { n: field.minimum })
    if (field.maximum !== null && number > field.maximum) return f('tooLarge', { n: field.maximum })
  }
  if (field.pattern && typeof value === 'string' && !new RegExp(`^(?:${field.pattern})$`, 'u').test(value)) return f('pattern')
  return ''
}

/** Every faulty field with its words. */
export function faults(fields: readonly AttributeDef[], values: FieldValues): { id: string; words: string }[] {
  return fields.map((field) => ({ id: field.id, words: fault(field, values[field.id]) })).filter((one) => one.words !== '')
}

/** What is sent: numbers as numbers, an emptied field as null. */
export function cleaned(fields: readonly AttributeDef[], values: FieldValues): FieldValues {
  const sent: FieldValues = {}
  for (const field of fields) {
    const value = values[field.id]
    if (value === undefined) continue
    const isNumber = field.value === 'number' || field.value === 'integer'
    sent[field.id] = blank(value) ? null : isNumber ? Number(value) : value
  }
  return sent
}
