import { describe, expect, it } from 'vitest'
import { axis, forecast, fullest, grain, labelSide } from './trend'

const month = (n: number): string => new Date(Date.UTC(2026, n, 1)).toISOString()

describe('forecast', () => {
  it('carries the speed of the last six months on, through gaps', () => {
    const points = [0, 1, 2, 3].map((n) => ({ at: month(n), value: n === 1 ? null : 0.9 + n * 0.01 }))
    const line = forecast(points, Date.parse(month(4)))
    expect(line?.[0]?.value).toBeCloseTo(0.93)
    expect(line?.[1]?.value).toBeCloseTo(0.94, 2)
  })
  it('says nothing from two points, or into the past', () => {
    const two = [0, 1].map((n) => ({ at: month(n), value: 0.9 }))
    expect(forecast(two, Date.parse(month(5)))).toBeNull()
    expect(forecast([0, 1, 2].map((n) => ({ at: month(n), value: 1 })), Date.parse(month(1)))).toBeNull()
  })
})

describe('axis', () => {
  it('has round limits around the data and never passes 100 %', () => {
    expect(axis([0.886, 0.931, 0.95], true)).toEqual({ min: 0.88, max: 0.96, interval: 0.02 })
    expect(axis([0.97, 1], true).max).toBe(1)
    expect(axis([0, 40], false)).toMatchObject({ min: 0, interval: 10 })
  })
})

describe('the time axis', () => {
  it('is marked as fine as its length asks', () => {
    const hours = (n: number): number => n * 3_600_000
    expect([grain(hours(24)), grain(hours(24 * 30)), grain(hours(24 * 365))]).toEqual(['hour', 'day', 'month'])
  })
})

describe('the figure of the last point', () => {
  it('keeps clear of a target line just above it', () => {
    expect(labelSide(0.934, 0.95, 0.2)).toBe('bottom')
    expect(labelSide(0.85, 0.95, 0.2)).toBe('top')
    expect(labelSide(0.96, 0.95, 0.2)).toBe('top')
    expect(labelSide(0.96, null, 0.2)).toBe('top')
  })
})

describe('bars of a long time', () => {
  it('each show the fullest of what they stand for', () => {
    const bars = [1, 9, 2, 3, 4].map((raw, n) => ({ at: month(n), raw, shown: raw > 3 ? 1 : raw }))
    expect(fullest(bars, 5)).toEqual(bars)
    expect(fullest(bars, 3)).toEqual([{ at: month(0), raw: 9, shown: 1 }, { at: month(2), raw: 3, shown: 3 }, { at: month(4), raw: 4, shown: 1 }])
  })
})
