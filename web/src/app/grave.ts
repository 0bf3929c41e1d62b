import { computed, ref, watch } from 'vue'
import { api } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import type { AlarmRow, Page } from '@/api/types'
import { useScope } from './scope'

const MOST = 50

/** Those among `now` that were not there before: each rings once. */
export const fresh = (now: readonly { id: string }[], rung: ReadonlySet<string>): string[] => now.map(({ id }) => id).filter((id) => !rung.has(id))

/** The level Ⅰ alarms of the area in scope that nobody has confirmed, and the newest that has not rung yet. */
export function useGraveAlarms() {
  const scope = useScope()
  const load = useLoad((signal) => api.get<Page<AlarmRow>>('/alarms', { state: 'raised', grade: 1, area: scope.path.value, size: MOST }, signal), [scope.path])
  useLive(['alarm.'], () => void load.reload())
  const alarms = computed(() => load.data.value?.items ?? [])
  const total = computed(() => load.data.value?.total ?? 0)
  const rung = new Set<string>()
  /** Said aloud and rung for; set anew with each alarm that comes. */
  const call = ref<AlarmRow | null>(null)
  watch(alarms, (now) => {
    const [first] = fresh(now, rung)
    for (const { id } of now) rung.add(id)
    if (first) call.value = now.find(({ id }) => id === first) ?? null
    else if (now.length === 0) call.value = null
  })
  return { alarms, total, call, reload: load.reload }
}
