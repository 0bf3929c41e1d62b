import type { AlarmRow } from '@/api/types'
import { t } from '@/words'
import { time } from './fmt'

/**
 * The one word for where an alarm stands, in every list, map card, page and on the wall. A case that the system opened by itself does not
 * confirm the alarm: until a person has, it says so; where it went stands beside it as a link.
 */
export function alarmState(row: Pick<AlarmRow, 'state' | 'case_id' | 'shelved_until'>): string {
  if (row.state === 'shelved' && row.shelved_until) return t('alarm.shelvedUntil', { t: time(row.shelved_until) })
  if (row.state === 'acknowledged' && row.case_id) return t('alarm.withCase')
  return t(`alarm.${row.state}`)
}

/** True while nobody has confirmed it: the word then stands bold. */
export const unconfirmed = (row: Pick<AlarmRow, 'state'>): boolean => row.state === 'raised'
