import { t } from '@/words'
import { span } from './fmt'

/** What is known of a time limit; every field but the due time may be missing. */
export interface Limit {
  due_at: string | null
  at_risk_at?: string | null
  started_at?: string | null
  opened_at?: string | null
  stopped_at?: string | null
  paused_at?: string | null
  paused?: boolean
  kept?: boolean | null
}

export type ClockLook = 'none' | 'left' | 'risk' | 'over' | 'stopped' | 'done'

export interface ClockState {
  look: ClockLook
  text: string
  /** Milliseconds to the due time; negative when over. */
  left: number | null
}

const RISK_PART = 0.2
const RISK_MS = 30 * 60_000
const RISK_MOST = 0.5

/** When a limit becomes at risk: under 20 % of it or under 30 minutes left, whichever is longer, but never more than half of it. */
export function riskFrom(start: number, due: number): number {
  const limit = due - start
  return due - Math.min(Math.max(limit * RISK_PART, RISK_MS), limit * RISK_MOST)
}

const ms = (iso: string | null | undefined): number | null => {
  const value = Date.parse(iso ?? '')
  return Number.isNaN(value) ? null : value
}

/** How a limit stands now. The server's own `at_risk_at` wins: it knows working hours and pauses. */
export function clockState(limit: Limit, now: number): ClockState {
  const due = ms(limit.due_at)
  const stopped = ms(limit.stopped_at)
  if (stopped !== null) {
    const late = limit.kept === false || (limit.kept !== true && due !== null && stopped > due)
    return { look: 'done', text: late ? t('clock.missed') : t('clock.kept'), left: null }
  }
  const paused = ms(limit.paused_at)
  if (paused !== null) return { look: 'stopped', text: t('clock.stopped', { d: span(now - paused) }), left: null }
  if (limit.paused) return { look: 'stopped', text: t('clock.stopped', { d: '' }).trim(), left: null }
  if (due === null) return { look: 'none', text: t('none'), left: null }
  const left = due - now
  if (left < 0) return { look: 'over', text: t('clock.over', { d: span(-left) }), left }
  const start = ms(limit.started_at ?? limit.opened_at)
  const risk = ms(limit.at_risk_at) ?? (start === null ? due - RISK_MS : riskFrom(start, due))
  return { look: now >= risk ? 'risk' : 'left', text: t('clock.left', { d: span(left) }), left }
}
