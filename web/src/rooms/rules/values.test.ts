import { expect, test } from 'vitest'
import type { RuleValues } from '@/api/types'
import { draftOf, same, valuesOf } from './values'

const VALUES: RuleValues = {
  on: true,
  value: 0.005,
  clears_at: null,
  holds_for_s: 300,
  clears_after_s: null,
  levels: [{ grade: 1, value: 0.0125, clears_at: 0.01, holds_for_s: 30 }],
}

test('values go into a form and come back as they were', () => {
  const draft = draftOf(VALUES)
  expect([draft.value, draft.clears_at, draft.holds_for, draft.levels[0]?.holds_for]).toEqual(['0.005', '', '5', '0.5'])
  expect(valuesOf(draft)).toEqual(VALUES)
})

test('an emptied field is no value and another figure is another version', () => {
  const draft = draftOf(VALUES)
  draft.holds_for = ' '
  expect(valuesOf(draft).holds_for_s).toBeNull()
  expect(same(VALUES, valuesOf(draft))).toBe(false)
  expect(same(VALUES, { ...VALUES })).toBe(true)
})
