import type { RouteLocationRaw } from 'vue-router'
import { api, ApiProblem } from '@/api/client'
import type { CaseRow, ObjectRow, Page, PlanView } from '@/api/types'
import { say, t } from '@/words'
import { useCatalogue } from './catalogue'
import { place } from './places'

export interface Hit {
  id: string
  group: string
  title: string
  code: string
  note: string
  to: RouteLocationRaw
}
export interface Found {
  hits: Hit[]
  /** What failed, in words; the rest was found all the same. */
  problem: string
}

let plan: Promise<PlanView> | undefined

/** Finds cases, objects, plan tasks and indicators by a number, code or name. */
export function useFind(): (text: string, signal: AbortSignal) => Promise<Found> {
  const catalogue = useCatalogue()
  async function tasks(text: string): Promise<Hit[]> {
    plan ??= api.get<PlanView>('/plan').catch((error: unknown) => {
      plan = undefined
      throw error
    })
    return (await plan).themes
      .flatMap((theme) => theme.tasks)
      .filter((task) => task.no === text || say(task.title).toLowerCase().includes(text.toLowerCase()))
      .slice(0, 5)
      .map((task) => ({ id: `t${task.no}`, group: t('search.tasks'), title: say(task.title), code: task.no, note: '', to: place.task(task.no) }))
  }
  function indicators(text: string): Hit[] {
    const asked = text.toLowerCase()
    return [...catalogue.indicators.values()]
      .filter((one) => [one.id, one.label.zh, one.label.en].some((words) => words.toLowerCase().includes(asked)))
      .slice(0, 5)
      .map((one) => ({ id: `i${one.id}`, group: t('search.indicators'), title: say(one.label), code: '', note: say(catalogue.packTitle(one.pack)), to: place.indicator(one.id) }))
  }
  async function objects(text: string, signal: AbortSignal): Promise<Hit[]> {
    const rows = await api.get<ObjectRow[]>('/objects/search', { q: text }, signal)
    return rows.slice(0, 8).map((row) => ({
      id: row.id, group: t('search.objects'), title: row.name || row.code, code: row.code,
      note: [say(catalogue.objectTypes.get(row.type)?.label), catalogue.townName(row)].filter(Boolean).join(' · '), to: place.object(row.type, row.id),
    }))
  }
  async function cases(text: string, signal: AbortSignal): Promise<Hit[]> {
    const rows = await api.get<Page<CaseRow>>('/cases', { q: text, kind: 'all', size: 5 }, signal)
    return rows.items.map((row) => ({ id: row.id, group: t('search.cases'), title: row.title, code: row.number, note: say(row.state_label), to: place.case(row.id) }))
  }
  return async (text, signal) => {
    const parts = await Promise.allSettled([cases(text, signal), objects(text, signal), tasks(text), indicators(text)])
    const failed = parts.find((part) => part.status === 'rejected')
    return {
      hits: parts.flatMap((part) => (part.status === 'fulfilled' ? part.value : [])),
      problem: failed?.reason instanceof ApiProblem ? failed.reason.message : '',
    }
  }
}
