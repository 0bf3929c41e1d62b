import type { RuleValues } from '@/api/types'

/** What a form holds: every field as typed, empty for none. Waits are in minutes, as people say them. */
export interface Draft {
  on: boolean
  value: string
  clears_at: string
  holds_for: string
  clears_after: string
  levels: { grade: number; value: string; clears_at: string; holds_for: string }[]
}

const text = (figure: number | null | undefined): string => (figure === null || figure === undefined ? '' : String(figure))
const minutes = (seconds: number | null | undefined): string => text(seconds === null || seconds === undefined ? null : seconds / 60)
const figure = (typed: string | number): number | null => (String(typed).trim() === '' ? null : Number(typed))
const seconds = (typed: string | number): number | null => {
  const given = figure(typed)
  return given === null ? null : given * 60
}

export function draftOf(values: RuleValues): Draft {
  return {
    on: values.on,
    value: text(values.value),
    clears_at: text(values.clears_at),
    holds_for: minutes(values.holds_for_s),
    clears_after: minutes(values.clears_after_s),
    levels: values.levels.map((level) => ({ grade: level.grade, value: text(level.value), clears_at: text(level.clears_at), holds_for: minutes(level.holds_for_s) })),
  }
}

export function valuesOf(draft: Draft): RuleValues {
  return {
    on: draft.on,
    value: figure(draft.value),
    clears_at: figure(draft.clears_at),
    holds_for_s: seconds(draft.holds_for),
    clears_after_s: seconds(draft.clears_after),
    levels: draft.levels.map((level) => ({ grade: level.grade, value: figure(level.value), clears_at: figure(level.clears_at), holds_for_s: seconds(level.holds_for) })),
  }
}

/** True where two sets of values say the same. */
export function same(left: RuleValues, right: RuleValues): boolean {
  return JSON.stringify(valuesOf(draftOf(left))) === JSON.stringify(valuesOf(draftOf(right)))
}
