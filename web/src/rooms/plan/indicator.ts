import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import type { AreaFigure, IndicatorRow, IndicatorView, Page, PlanView, TargetView, TrendPoint, UnitFigure } from '@/api/types'
import { say } from '@/words'

const PAGE = 500
/** Reasons are counted over the rows fetched; beyond this the page says so. */
export const MOST_ROWS = 2000

export interface RowSet {
  rows: IndicatorRow[]
  total: number
}

export interface RowQuery {
  passes: string
  area: string
  unit: string
  value_id: string
}

async function allRows(id: string, query: RowQuery, signal: AbortSignal): Promise<RowSet> {
  const rows: IndicatorRow[] = []
  let total = 0
  for (let page = 1; ; page += 1) {
    const answer = await api.get<Page<IndicatorRow>>(`/indicators/${id}/rows`, { ...query, page, size: PAGE }, signal)
    rows.push(...answer.items)
    total = answer.total
    if (answer.items.length < PAGE || rows.length >= Math.min(total, MOST_ROWS)) return { rows, total }
  }
}

/** Everything an indicator's page shows. Area and unit narrow figure, trend and rows; the ranking is of the whole. */
export function useIndicator({ id, area, unit, passes, valueId }: { id: () => string; area: Ref<string>; unit: Ref<string>; passes: Ref<string>; valueId: Ref<string> }) {
  const base = (): string => `/indicators/${id()}`
  const view = useLoad((signal) => api.get<IndicatorView>(base(), { area: area.value, unit: unit.value }, signal), [id, area, unit])
  const trend = useLoad((signal) => api.get<TrendPoint[]>(`${base()}/trend`, { months: 24, area: area.value, unit: unit.value }, signal), [id, area, unit])
  const byArea = useLoad((signal) => api.get<AreaFigure[]>(`${base()}/by-area`, {}, signal), [id])
  const byUnit = useLoad((signal) => api.get<UnitFigure[]>(`${base()}/by-unit`, {}, signal), [id])
  const rows = useLoad((signal) => allRows(id(), { passes: passes.value, area: area.value, unit: unit.value, value_id: valueId.value }, signal), [id, area, unit, passes, valueId])
  const plan = useLoad((signal) => api.get<PlanView>('/plan', {}, signal))

  const found = computed<{ task: string; title: string; target: TargetView } | null>(() => {
    for (const theme of plan.data.value?.themes ?? []) {
      for (const task of theme.tasks) {
        const target = task.targets.find((one) => one.indicator === id())
        if (target) return { task: task.no, title: say(task.title), target }
      }
    }
    return null
  })
  function reload(): void {
    for (const load of [view, trend, byArea, byUnit, rows, plan]) void load.reload()
  }
  useLive(['indicator.'], (changes) => {
    if (changes.length === 0 || changes.some((change) => change.id === id())) reload()
  })
  return { view, trend, byArea, byUnit, rows, found, reload }
}

export interface Ranked {
  key: string
  name: string
  value: number | null
  numerator: number | null
  denominator: number | null
  few: boolean
}

/** Worst first for a figure to reach, best last; rows without a value come after, in their own order, unranked. */
export function rank(rows: readonly Omit<Ranked, 'few'>[], lowIsBad: boolean): { ranked: Ranked[]; unranked: Ranked[] } {
  const all = rows.map((row) => ({ ...row, few: row.denominator !== null && row.denominator < 30 }))
  const ranked = all.filter((row) => row.value !== null && row.denominator !== 0)
  ranked.sort((a, b) => ((a.value ?? 0) - (b.value ?? 0)) * (lowIsBad ? 1 : -1))
  return { ranked, unranked: all.filter((row) => row.value === null || row.denominator === 0) }
}

/** How often each kind of reason occurs, most frequent first. */
export function reasons(rows: readonly IndicatorRow[]): { key: string; text: string; count: number }[] {
  const counted = new Map<string, { key: string; text: string; count: number }>()
  for (const { reason_kind: kind } of rows) {
    if (!kind) continue
    const entry = counted.get(kind.zh) ?? { key: kind.zh, text: say(kind), count: 0 }
    entry.count += 1
    counted.set(kind.zh, entry)
  }
  return [...counted.values()].sort((a, b) => b.count - a.count)
}
