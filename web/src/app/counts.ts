import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { AlarmCounts, CaseCounts } from '@/api/types'
import type { Counts } from './rooms'

/** The counts behind the badges of the rail and the first facts of the cockpit; refreshed by live changes. */
export const useCounts = defineStore('counts', () => {
  const alarms = shallowRef<AlarmCounts | null>(null)
  const cases = shallowRef<CaseCounts | null>(null)

  async function one<T>(path: string, into: { value: T | null }): Promise<void> {
    try {
      into.value = await api.get<T>(path)
    } catch (error) {
      // A badge that cannot be counted is left out: the room itself says why.
      if (!(error instanceof ApiProblem)) throw error
    }
  }
  const refreshAlarms = (): Promise<void> => one('/alarms/counts', alarms)
  const refreshCases = (): Promise<void> => one('/cases/counts', cases)
  const all = computed<Counts>(() => ({ alarms: alarms.value, cases: cases.value }))

  return { alarms, cases, all, refreshAlarms, refreshCases }
})
