import { describe, expect, it } from 'vitest'
import type { IndicatorRow } from '@/api/types'
import { short } from './bound'
import { rank, reasons } from './indicator'

describe('short', () => {
  it('follows the bound of the plan', () => {
    expect(short(0.95, '≥', 0.95)).toBe(false)
    expect(short(0.95, '>', 0.95)).toBe(true)
    expect(short(31, '≤', 30)).toBe(true)
  })
  it('is never said of what is not known or not bounded', () => {
    expect(short(null, '≥', 0.95)).toBe(false)
    expect(short(0, '≥', null)).toBe(false)
    expect(short(0, '', 1)).toBe(false)
  })
})

describe('rank', () => {
  const row = (key: string, value: number | null, denominator: number) => ({ key, name: key, value, numerator: 0, denominator })
  it('puts the worst first and leaves out what has no denominator', () => {
    const { ranked, unranked } = rank([row('a', 0.9, 50), row('b', 0.7, 12), row('c', null, 0)], true)
    expect(ranked.map((one) => one.key)).toEqual(['b', 'a'])
    expect(ranked[0]?.few).toBe(true)
    expect(unranked.map((one) => one.key)).toEqual(['c'])
  })
  it('turns round where less is better', () => {
    expect(rank([row('a', 10, 50), row('b', 30, 50)], false).ranked[0]?.key).toBe('b')
  })
})

describe('reasons', () => {
  it('counts each reason, most frequent first', () => {
    const rows = ['甲', '乙', '乙', ''].map((zh) => ({ reason: zh ? { zh: `${zh} 2026-03-18`, en: zh } : null, reason_kind: zh ? { zh, en: zh } : null }) as IndicatorRow)
    expect(reasons(rows)).toEqual([{ key: '乙', text: '乙', count: 2 }, { key: '甲', text: '甲', count: 1 }])
  })
})
