import type { Period, Reading } from '@/api/types'
import { BETWEEN } from './codes'

/** A point of a curve; `low`, `high` and `count` are those of the period it stands for. */
export interface Dot {
  at: number
  value: number | null
  low: number | null
  high: number | null
  count: number
}
export interface Curve {
  dots: Dot[]
  doubtful: number
}
export interface Span {
  from: number
  to: number
}

/** Quality bits of this worth and more: the value is not to be used. */
const UNUSABLE = 64
const SHORTEST_MS = 60_000
const LONGEST_MS = 3660 * 86_400_000

/** The numbers of a stream in order of time; a silence longer than declared becomes a gap, unusable readings are left out. */
export function curveOf(readings: readonly Reading[], silentMs: number): Curve {
  const ordered = readings.filter((one) => one.value !== null).map((one) => ({ at: Date.parse(one.at), value: one.value, good: one.quality < UNUSABLE })).sort((a, b) => a.at - b.at)
  const good = ordered.filter((one) => one.good).map((one): Dot => ({ at: one.at, value: one.value, low: one.value, high: one.value, count: 1 }))
  return { dots: withGaps(good, 0, silentMs), doubtful: ordered.length - good.length }
}

/** The periods of a stream, each drawn at its middle; where none came for longer than the declared silence there is a gap. */
export function bandOf(periods: readonly Period[], stepMs: number, silentMs: number): Curve {
  const used = periods.filter((one) => one.mean !== null)
  const dots = used.map((one): Dot => ({ at: Date.parse(one.at) + stepMs / 2, value: one.mean, low: one.low, high: one.high, count: one.usable }))
  return { dots: withGaps(dots, stepMs, silentMs), doubtful: periods.reduce((sum, one) => sum + one.count - one.usable, 0) }
}

function withGaps(dots: readonly Dot[], stepMs: number, silentMs: number): Dot[] {
  const found: Dot[] = []
  for (const dot of dots) {
    const last = found.at(-1)
    if (last && (silentMs > 0 || stepMs > 0) && dot.at - last.at - stepMs > silentMs) found.push({ at: last.at + Math.max(stepMs / 2, silentMs), value: null, low: null, high: null, count: 0 })
    found.push(dot)
  }
  return found
}

export interface Stay {
  code: string
  from: number
  to: number
  silent: boolean
}

/** How long a stream of states stayed in each; a silence longer than declared is a stretch of its own. */
export function staysOf(readings: readonly Reading[], silentMs: number, now: number): Stay[] {
  const ordered = readings.map((one) => ({ at: Date.parse(one.at), code: one.code || (one.value === null ? '' : String(one.value)) })).sort((a, b) => a.at - b.at)
  return joined(ordered, silentMs, now)
}

/** The same out of periods: one in which several states occurred is a stretch that names them all, the most frequent first. */
export function staysOfPeriods(periods: readonly Period[], stepMs: number, silentMs: number, now: number): Stay[] {
  const codes = (one: Period): string => Object.entries(one.codes).sort((a, b) => b[1] - a[1]).map(([code]) => code).join(BETWEEN)
  return joined(periods.map((one) => ({ at: Date.parse(one.at), code: codes(one) })), Math.max(stepMs, silentMs), now)
}

function joined(ordered: readonly { at: number; code: string }[], silentMs: number, now: number): Stay[] {
  const stays: Stay[] = []
  ordered.forEach((one, index) => {
    const next = ordered[index + 1]?.at ?? now
    const end = silentMs > 0 ? Math.min(next, one.at + silentMs) : next
    const last = stays.at(-1)
    if (last && !last.silent && last.code === one.code && last.to === one.at) last.to = end
    else stays.push({ code: one.code, from: one.at, to: end, silent: false })
    if (end < next) stays.push({ code: '', from: end, to: next, silent: true })
  })
  return stays
}

/** The span moved by parts of its length, or made longer or shorter about its middle; never beyond `now`. */
export function moved(span: Span, by: number, times: number, now: number): Span {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (span.to - span.from) * times))
  const middle = (span.from + span.to) / 2 + by * (span.to - span.from)
  const to = Math.min(now, middle + length / 2)
  return { from: to - length, to }
}
