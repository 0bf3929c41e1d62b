import { describe, expect, it } from 'vitest'
import type { AttributeDef } from '@/api/types'
import { cleaned, f, fault, faults } from './check'

const field = (part: Partial<AttributeDef>): AttributeDef => ({
  id: 'height', label: { zh: '高度', en: 'Height' }, value: 'number', unit: 'm', choices: [], required: false, written_by: ['form'], privacy: 'public',
  minimum: null, maximum: null, pattern: '', listed: true, help: null, source: null, ...part,
})

describe('a generated field', () => {
  it('asks for what is required and lets the rest be empty', () => {
    expect(fault(field({ required: true }), '')).toBe(f('required'))
    expect(fault(field({}), null)).toBe('')
  })
  it('knows numbers, whole numbers and their bounds', () => {
    expect(fault(field({}), 'x')).toBe(f('notNumber'))
    expect(fault(field({ value: 'integer' }), '1.5')).toBe(f('notInteger'))
    expect(fault(field({ minimum: 2 }), '1')).toBe(f('tooSmall', { n: 2 }))
    expect(fault(field({ maximum: 2 }), 3)).toBe(f('tooLarge', { n: 2 }))
    expect(fault(field({ minimum: 0, maximum: 2 }), '1.5')).toBe('')
  })
  it('matches a pattern whole', () => {
    expect(fault(field({ value: 'text', pattern: '[A-Z]\\d' }), 'A12')).toBe(f('pattern'))
    expect(fault(field({ value: 'text', pattern: '[A-Z]\\d' }), 'A1')).toBe('')
  })
  it('reports every fault at once and sends numbers as numbers', () => {
    const fields = [field({ required: true }), field({ id: 'name', value: 'text' }), field({ id: 'count', value: 'integer' })]
    expect(faults(fields, { height: null, count: 'x' }).map((one) => one.id)).toEqual(['height', 'count'])
    expect(cleaned(fields, { height: '2.5', name: '' })).toEqual({ height: 2.5, name: null })
  })
})
