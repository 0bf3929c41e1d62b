import { describe, expect, it } from 'vitest'
import { language } from '@/words'
import { alarmState } from './alarm'

const row = (state: 'raised' | 'acknowledged' | 'shelved' | 'cleared' | 'closed', case_id: string | null = null, shelved_until: string | null = null) => ({ state, case_id, shelved_until })

describe('the state of an alarm in words', () => {
  it('stays unconfirmed until a person confirms it, whatever case the system opened', () => {
    expect(alarmState(row('raised'))).toBe('未确认')
    expect(alarmState(row('raised', 'c1'))).toBe('未确认')
  })
  it('is in hand once confirmed with a case, and confirmed without', () => {
    expect(alarmState(row('acknowledged', 'c1'))).toBe('处置中')
    expect(alarmState(row('acknowledged'))).toBe('已确认')
  })
  it('names the end of a shelving, and the ends of a life', () => {
    expect(alarmState(row('shelved', 'c1', '2020-03-16T10:00:00Z'))).toMatch(/^搁置至 .*18:00$/)
    expect(alarmState(row('cleared', 'c1'))).toBe('已消除')
    expect(alarmState(row('closed', 'c1'))).toBe('已关闭')
  })
  it('says the same in English', () => {
    language.value = 'en'
    expect(alarmState(row('raised', 'c1'))).toBe('Unconfirmed')
    language.value = 'zh'
  })
})
