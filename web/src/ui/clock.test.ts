import { describe, expect, it } from 'vitest'
import { clockState, riskFrom } from './clock'

const T = (text: string): number => Date.parse(`2026-03-18T${text}Z`)
const iso = (text: string): string => `2026-03-18T${text}Z`

describe('riskFrom', () => {
  it('takes 20 % of a long limit', () => {
    expect(riskFrom(T('00:00:00'), T('10:00:00'))).toBe(T('08:00:00'))
  })
  it('takes 30 minutes where 20 % is shorter', () => {
    expect(riskFrom(T('00:00:00'), T('02:00:00'))).toBe(T('01:30:00'))
  })
  it('leaves the first half of a short limit in peace', () => {
    expect(riskFrom(T('00:00:00'), T('00:30:00'))).toBe(T('00:15:00'))
  })
})

describe('clockState', () => {
  const limit = { due_at: iso('10:00:00'), started_at: iso('00:00:00') }
  it('is plain, at risk, then over', () => {
    expect(clockState(limit, T('07:50:00'))).toMatchObject({ look: 'left', text: '剩 2h10m' })
    expect(clockState(limit, T('09:42:00'))).toMatchObject({ look: 'risk', text: '剩 0h18m' })
    expect(clockState(limit, T('11:05:00'))).toMatchObject({ look: 'over', text: '超 1h05m' })
  })
  it('is not at risk from its first second', () => {
    const half = { due_at: iso('00:30:00'), started_at: iso('00:00:00') }
    expect(clockState(half, T('00:00:01')).look).toBe('left')
    expect(clockState(half, T('00:15:00')).look).toBe('risk')
  })
  it('believes the at-risk time of the server, which knows working hours', () => {
    expect(clockState({ ...limit, at_risk_at: iso('05:00:00') }, T('05:30:00')).look).toBe('risk')
    expect(clockState({ ...limit, at_risk_at: iso('09:55:00') }, T('09:00:00')).look).toBe('left')
  })
  it('falls back to 30 minutes without a start', () => {
    expect(clockState({ due_at: iso('10:00:00') }, T('09:29:00')).look).toBe('left')
    expect(clockState({ due_at: iso('10:00:00') }, T('09:31:00')).look).toBe('risk')
  })
  it('stands still while paused, even past the due time', () => {
    expect(clockState({ ...limit, paused_at: iso('08:00:00') }, T('11:00:00'))).toMatchObject({ look: 'stopped', text: '已停 3h00m' })
    expect(clockState({ ...limit, paused: true }, T('11:00:00')).look).toBe('stopped')
  })
  it('says how it ended', () => {
    expect(clockState({ ...limit, stopped_at: iso('09:00:00') }, T('11:00:00')).text).toBe('按时')
    expect(clockState({ ...limit, stopped_at: iso('10:30:00') }, T('11:00:00')).text).toBe('超期完成')
  })
  it('shows no limit as none, never as over', () => {
    expect(clockState({ due_at: null }, T('11:00:00')).look).toBe('none')
  })
})
