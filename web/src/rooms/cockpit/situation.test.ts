import { describe, expect, it } from 'vitest'
import type { AlarmRow, CaseRow } from '@/api/types'
import { decisions } from './situation'

const alarm = (id: string, grade: number, state = 'raised'): AlarmRow => ({ id, grade, state, raised_at: `2026-03-18T0${grade}:00:00Z` }) as AlarmRow
const row = (id: string, due_at: string): CaseRow => ({ id, due_at }) as CaseRow

describe('decisions', () => {
  it('puts grave unconfirmed alarms first, then cases by time left, each once', () => {
    const late = row('late', '2026-03-18T01:00:00Z')
    const list = decisions([alarm('minor', 3), alarm('two', 2), alarm('one', 1), alarm('known', 1, 'acknowledged')], [late], [row('soon', '2026-03-18T09:00:00Z'), late], true)
    expect(list.map((one) => one.id)).toEqual(['one', 'two', 'late', 'soon'])
    expect(list[2]).toMatchObject({ kind: 'case', over: true })
  })
  it('asks nobody to confirm alarms who may not', () => {
    expect(decisions([alarm('one', 1)], [], [], false)).toEqual([])
  })
})
