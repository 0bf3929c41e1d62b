import type { Reading } from '@/api/types'

export interface Dot {
  at: number
  value: number | null
}

/** The numbers of a stream in order of time; a silence longer than declared becomes a gap, doubtful readings are left out. */
export function curveOf(readings: readonly Reading[], silentMs: number): { dots: Dot[]; doubtful: number } {
  const ordered = readings.filter((one) => one.value !== null).map((one) => ({ at: Date.parse(one.at), value: one.value, good: one.quality === 0 })).sort((a, b) => a.at - b.at)
  const dots: Dot[] = []
  let last: number | null = null
  for (const one of ordered.filter((each) => each.good)) {
    if (last !== null && silentMs > 0 && one.at - last > silentMs) dots.push({ at: last + silentMs, value: null })
    dots.push({ at: one.at, value: one.value })
    last = one.at
  }
  return { dots, doubtful: ordered.filter((each) => !each.good).length }
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
