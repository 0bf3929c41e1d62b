import { computed, onScopeDispose } from 'vue'
import type { FeatureCollection, Geometry } from 'geojson'
import { api } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import type { AlarmRow, CaseRow, CockpitView, DeviceHealth, Page } from '@/api/types'
import { useCounts } from '@/app/counts'
import { useScope } from '@/app/scope'
import type { MapAlarm } from '@/map/things'
import { say } from '@/words'

const MINE = 20
/** Points a map stays smooth with. */
const DRAWN = 20_000
const RECENT = 20

export type Drawn = FeatureCollection<Geometry, { id: string; type: string; code: string; name: string }> & { truncated: boolean }

/** Everything the cockpit and the wall show, kept fresh by live changes. */
export function useSituation() {
  const scope = useScope()
  const counts = useCounts()
  const area = scope.path

  const alarms = useLoad((signal) => api.get<Page<AlarmRow>>('/alarms', { state: 'standing', area: area.value, size: 200 }, signal), [area])
  const overdue = useLoad((signal) => api.get<Page<CaseRow>>('/cases', { kind: 'open', mine: true, at: 'overdue', area: area.value, size: MINE }, signal), [area])
  const risk = useLoad((signal) => api.get<Page<CaseRow>>('/cases', { kind: 'open', mine: true, at: 'risk', area: area.value, size: MINE }, signal), [area])
  const next = useLoad((signal) => api.get<Page<CaseRow>>('/cases', { kind: 'open', sort: 'time_left', area: area.value, size: 1 }, signal), [area])
  const recent = useLoad((signal) => api.get<Page<CaseRow>>('/cases', { kind: 'all', sort: '-opened_at', area: area.value, size: RECENT }, signal), [area])
  const devices = useLoad((signal) => api.get<DeviceHealth>('/devices/health', { area: area.value }, signal), [area])
  const cockpit = useLoad((signal) => api.get<CockpitView>('/cockpit', {}, signal))

  useLive(['alarm.'], () => {
    void alarms.reload()
    void devices.reload()
  })
  useLive(['case.'], () => {
    for (const load of [overdue, risk, next, recent]) void load.reload()
  })
  useLive(['indicator.'], () => void cockpit.reload())

  const CHANGES_MS = 30_000
  let later: ReturnType<typeof setTimeout> | undefined
  /** Everything in the registers that has a place, for the map. */
  const objects = useLoad((signal) => api.get<Drawn>('/objects.geojson', { area: area.value, limit: DRAWN }, signal), [area])
  useLive(['object.', 'objects.'], () => {
    // The whole layer comes anew: on a busy day once in a while, not with every change.
    later ??= setTimeout(() => {
      later = undefined
      void objects.reload()
    }, CHANGES_MS)
  })
  onScopeDispose(() => clearTimeout(later))

  const mapAlarms = computed<MapAlarm[]>(() =>
    (alarms.data.value?.items ?? []).flatMap((row) =>
      row.lon === null || row.lat === null ? [] : [{ id: row.id, grade: row.grade, lon: row.lon, lat: row.lat, label: say(row.rule_label) }],
    ),
  )
  const towns = computed(() => (counts.cases?.by_town ?? []).flatMap(({ lon, lat, ...town }) => (town.open > 0 && lon !== null && lat !== null ? [{ ...town, lon, lat }] : [])))

  return { alarms, overdue, risk, next, recent, devices, cockpit, objects, mapAlarms, towns, scope, counts }
}

export type Situation = ReturnType<typeof useSituation>

/** One matter waiting for this person, with its reason and limit. */
export type Decision = { kind: 'alarm'; id: string; alarm: AlarmRow } | { kind: 'case'; id: string; row: CaseRow; over: boolean }

/** Grave unconfirmed alarms first (level, then age), then cases by time left. */
export function decisions(alarms: readonly AlarmRow[], over: readonly CaseRow[], risk: readonly CaseRow[], mayConfirm: boolean): Decision[] {
  const grave: Decision[] = mayConfirm
    ? alarms
        .filter((alarm) => alarm.state === 'raised' && alarm.grade <= 2)
        .sort((a, b) => a.grade - b.grade || a.raised_at.localeCompare(b.raised_at))
        .map((alarm) => ({ kind: 'alarm', id: alarm.id, alarm }))
    : []
  const seen = new Set<string>()
  const cases: Decision[] = []
  for (const row of [...over, ...risk].sort((a, b) => (a.due_at ?? '9').localeCompare(b.due_at ?? '9'))) {
    if (seen.has(row.id)) continue
    seen.add(row.id)
    cases.push({ kind: 'case', id: row.id, row, over: over.includes(row) })
  }
  return [...grave, ...cases]
}
