import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { AlarmCounts, CaseCounts } from '@/api/types'
import type { Counts } from './rooms'

/** The counts behind the badges of the rail and the first facts of the cockpit, of the area in scope; refreshed by live changes. */
export const useCounts = defineStore('counts', () => {
  const alarms = shallowRef<AlarmCounts | null>(null)
  const cases = shallowRef<CaseCounts | null>(null)

  const area = ref('')

  async function one<T>(path: string, into: { value: T | null }): Promise<void> {
    const asked = area.value
    try {
      const counted = await api.get<T>(path, { area: asked })
      if (asked === area.value) into.value = counted
    } catch (error) {
      // A badge that cannot be counted is left out: the room itself says why.
      if (!(error instanceof ApiProblem)) throw error
    }
  }
  const refreshAlarms = (): Promise<void> => one('/alarms/counts', alarms)
  const refreshCases = (): Promise<void> => one('/cases/counts', cases)
  /** Counts under an area path from now on; figures of the area before are taken down at once. */
  async function countIn(path: string): Promise<void> {
    if (path !== area.value) alarms.value = cases.value = null
    area.value = path
    await Promise.all([refreshAlarms(), refreshCases()])
  }
  const all = computed<Counts>(() => ({ alarms: alarms.value, cases: cases.value }))

  return { alarms, cases, all, refreshAlarms, refreshCases, countIn }
})
