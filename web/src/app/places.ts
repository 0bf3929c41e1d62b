import type { RouteLocationRaw } from 'vue-router'

/** Where each thing opens: rooms link to each other through these and never import one another. */
export const place = {
  overview: (): RouteLocationRaw => ({ path: '/' }),
  plan: (): RouteLocationRaw => ({ path: '/plan' }),
  task: (no: string): RouteLocationRaw => ({ path: `/plan/tasks/${no}` }),
  /** Every indicator of every pack. */
  indicators: (): RouteLocationRaw => ({ path: '/plan', query: { show: 'indicators' } }),
  indicator: (id: string): RouteLocationRaw => ({ path: `/indicators/${id}` }),
  cases: (query: Record<string, string> = {}): RouteLocationRaw => ({ path: '/cases', query }),
  case: (id: string): RouteLocationRaw => ({ path: `/cases/${id}` }),
  alarms: (query: Record<string, string> = {}): RouteLocationRaw => ({ path: '/alarms', query }),
  alarm: (id: string): RouteLocationRaw => ({ path: `/alarms/${id}` }),
  alarmQuality: (): RouteLocationRaw => ({ path: '/alarms/quality' }),
  roster: (): RouteLocationRaw => ({ path: '/alarms/roster' }),
  rules: (id = ''): RouteLocationRaw => ({ path: id ? `/rules/${id}` : '/rules' }),
  registers: (type = ''): RouteLocationRaw => ({ path: type ? `/registers/${type}` : '/registers' }),
  object: (type: string, id: string): RouteLocationRaw => ({ path: `/registers/${type}/${id}` }),
}
