import { describe, expect, it } from 'vitest'
import type { ClockView } from '@/api/types'
import { stagesOf } from './stages'

const HOUR = 3600_000
const START = Date.parse('2026-11-23T01:00:00Z')
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString()
function clock(part: Partial<ClockView>): ClockView {
  return {
    clock: 'sent', label: { zh: '处置', en: 'Handle' }, started_at: at(0), due_at: at(4), at_risk_at: at(3), stopped_at: null, paused_at: null,
    kept: null, overdue: false, at_risk: false, working_time: true, limit: '', source: null, fault: '', ...part,
  }
}

describe('the clocks of a case on one axis', () => {
  it('shows used and left of a running clock up to its due time', () => {
    const bar = stagesOf([clock({})], START + HOUR)
    expect(bar?.now).toBe(25)
    expect(bar?.stages[0]?.stretches.map(({ look, from, width }) => [look, from, width])).toEqual([['used', 0, 25], ['left', 25, 75]])
    expect(bar?.stages[0]?.due).toBe(100)
  })
  it('turns to ink beyond the due time', () => {
    const bar = stagesOf([clock({ due_at: at(2) })], START + 4 * HOUR)
    expect(bar?.stages[0]?.stretches.map(({ look, width }) => [look, width])).toEqual([['used', 50], ['over', 50]])
  })
  it('hatches a pause and draws nothing as left while it lasts', () => {
    const bar = stagesOf([clock({ paused_at: at(1) })], START + 2 * HOUR)
    expect(bar?.stages[0]?.stretches.map(({ look }) => look)).toEqual(['used', 'paused'])
  })
  it('has no mark of now once everything stopped, and none of due without a calendar', () => {
    const bar = stagesOf([clock({ stopped_at: at(1), due_at: null })], START + 9 * HOUR)
    expect(bar?.now).toBeNull()
    expect(bar?.stages[0]?.due).toBeNull()
    expect(bar?.to).toBe(START + HOUR)
  })
  it('is nothing for a case without clocks', () => {
    expect(stagesOf([], START)).toBeNull()
  })
})
