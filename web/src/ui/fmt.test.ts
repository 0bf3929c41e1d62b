import { afterEach, describe, expect, it } from 'vitest'
import { language } from '@/words'
import { age, day, figure, gap, number, share, span, time } from './fmt'

const NOW = Date.parse('2026-03-18T06:32:08Z')
afterEach(() => {
  language.value = 'zh'
})

describe('time', () => {
  it('shows the time of day for today in the district, whatever the zone of the device', () => {
    expect(time('2026-03-17T16:05:00Z', NOW)).toBe('00:05')
    expect(time('2026-03-18T06:32:00Z', NOW)).toBe('14:32')
  })
  it('adds the day within the year and the year beyond it', () => {
    expect(time('2026-03-16T06:32:00Z', NOW)).toBe('3-16 14:32')
    expect(time('2025-11-04T01:20:00Z', NOW)).toBe('2025-11-04 09:20')
  })
  it('shows a dash for nothing', () => {
    expect(time(null, NOW)).toBe('—')
    expect(day('', NOW)).toBe('—')
  })
})

describe('figure', () => {
  it('leaves the measure words of Chinese to Chinese', () => {
    expect(figure(18, '条', false)).toBe('18\u202f条')
    language.value = 'en'
    expect([figure(18, '条', false), figure(18, 'km', false)]).toEqual(['18', '18\u202fkm'])
  })
})

describe('span', () => {
  it('counts seconds only under five minutes', () => {
    expect(span(252_000)).toBe('4m12s')
    expect(span(18 * 60_000)).toBe('0h18m')
    expect(span((2 * 60 + 10) * 60_000)).toBe('2h10m')
    expect(span(26 * 3_600_000)).toBe('1d 2h')
    expect(span(48 * 3_600_000)).toBe('2d')
  })
})

describe('figures', () => {
  it('never shows nothing as zero', () => {
    expect(share(null)).toBe('—')
    expect(number(undefined)).toBe('—')
    expect(figure(null, '处', false)).toBe('—')
    expect(share(0)).toBe('0.0%')
  })
  it('writes shares as percent and gaps in points with a true minus', () => {
    expect(share(0.931)).toBe('93.1%')
    expect(share(0.9997)).toBe('99.9%')
    expect(share(1)).toBe('100.0%')
    expect(gap(-0.019, true)).toBe('\u22121.9')
    expect(gap(0.014, true)).toBe('+1.4')
    expect(gap(-3, false)).toBe('\u22123')
    expect(gap(0, true)).toBe('0.0')
  })
  it('separates thousands and keeps the unit behind a thin space', () => {
    expect(number(19470)).toBe('19,470')
    expect(figure(17, '条', false)).toBe('17\u202f条')
  })
})

describe('age', () => {
  it('speaks both languages', () => {
    expect(age(8 * 60_000)).toBe('8 分钟')
    language.value = 'en'
    expect(age(8 * 60_000)).toBe('8 min')
  })
})
