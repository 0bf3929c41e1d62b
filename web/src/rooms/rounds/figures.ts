import { f } from '@/forms/check'
import { number, share } from '@/ui/fmt'
import { w } from './words'

export type Figure = number | string | boolean
export interface ShownFigure {
  key: string
  label: string
  text: string
  /** True where what the figure rests on is still to be confirmed. */
  unconfirmed: boolean
}

const NAMED = ['lot_size', 'n', 'accept', 'reject', 'aql', 'severity', 'letter', 'plan_letter', 'plan_n', 'whole_lot', 'score', 'refused_under_tightened', 'stopped', 'table_confirmed', 'items', 'filled', 'defects', 'coverage'] as const
const SEVERITIES = ['normal', 'tightened', 'reduced'] as const

function textOf(key: string, value: Figure): string {
  if (key.endsWith('_confirmed')) return value === true ? w('table.confirmed') : w('table.unconfirmed')
  if (typeof value === 'boolean') return value ? f('yes') : f('no')
  if (key === 'coverage' && typeof value === 'number') return share(value)
  const severity = SEVERITIES.find((one) => one === value)
  if (key === 'severity' && severity) return w(`severity.${severity}`)
  return typeof value === 'number' ? number(value) : value
}

/** The figures of a run or round in reading order; one that has no words here keeps its own name and stands last. */
export function shownFigures(figures: Record<string, Figure>): ShownFigure[] {
  const known = NAMED.filter((key) => key in figures)
  const rest = Object.keys(figures).filter((key) => !(NAMED as readonly string[]).includes(key))
  return [...known.map((key) => ({ key, label: w(`figure.${key}`) })), ...rest.map((key) => ({ key, label: key }))].map(({ key, label }) => {
    const value = figures[key] ?? ''
    return { key, label, text: textOf(key, value), unconfirmed: key.endsWith('_confirmed') && value !== true }
  })
}

/** A round's outcome in words; a round that ended without one says so. */
export const outcomeWord = (outcome: string): string => (outcome === 'accepted' ? w('accepted') : outcome === 'rejected' ? w('rejected') : w('noOutcome'))
