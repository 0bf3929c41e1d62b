import type { ClockView } from '@/api/types'

/** One stretch of the bar, in percent of its width. */
export interface Stretch {
  key: string
  from: number
  width: number
  look: 'used' | 'over' | 'left' | 'paused'
}
export interface Stage {
  clock: ClockView
  stretches: Stretch[]
  /** Where the due mark stands, in percent; null without a due time. */
  due: number | null
}
export interface Bar {
  stages: Stage[]
  now: number | null
  from: number
  to: number
}

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

/** The clocks of a case on one time axis: used in teal, beyond the due time in ink, what is left hollow. */
export function stagesOf(clocks: readonly ClockView[], now: number): Bar | null {
  const begun = clocks.map((clock) => Date.parse(clock.started_at))
  if (begun.length === 0) return null
  const running = clocks.some((clock) => clock.stopped_at === null)
  const from = Math.min(...begun)
  const ends = clocks.map((clock) => Math.max(ms(clock.stopped_at) ?? ms(clock.paused_at) ?? now, clock.stopped_at ? 0 : (ms(clock.due_at) ?? 0)))
  const to = Math.max(...ends, from + 60_000)
  const place = (at: number): number => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100
  const stages = clocks.map((clock, index) => {
    const start = begun[index] ?? from
    const end = ms(clock.stopped_at) ?? ms(clock.paused_at) ?? now
    const due = ms(clock.due_at)
    const stretches: Stretch[] = []
    const put = (look: Stretch['look'], a: number, b: number): void => {
      if (b > a) stretches.push({ key: `${look}-${a}`, from: place(a), width: place(b) - place(a), look })
    }
    put('used', start, due === null ? end : Math.min(end, due))
    if (due !== null) {
      put('over', Math.max(start, due), end)
      if (clock.stopped_at === null && clock.paused_at === null) put('left', Math.max(now, start), due)
    }
    const paused = ms(clock.paused_at)
    if (paused !== null && clock.stopped_at === null) put('paused', paused, now)
    return { clock, stretches, due: due === null || due > to ? null : place(due) }
  })
  return { stages, now: running ? place(now) : null, from, to }
}
