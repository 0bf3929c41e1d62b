import type { RouteRecordRaw } from 'vue-router'
import type { AlarmCounts, CaseCounts } from '@/api/types'
import type { IconName } from '@/ui/icons'

export interface Counts {
  alarms: AlarmCounts | null
  cases: CaseCounts | null
}

/** An entry of the rail. `order`: 10 overview, 20 plan, 30 cases, 40 alarms, 50 lifeline, 60 warnings, 70 registers, 80 devices, 90 reports, 100 settings. */
export interface RailEntry {
  order: number
  to: string
  icon: IconName
  /** The second key after `g`. */
  key: string
  label: () => string
  /** How many things wait for this person; null or 0 shows no badge. */
  badge?: (counts: Counts) => number | null
}

/** What a room brings to the frame; `rooms/<room>/routes.ts` exports it as default and nothing else is edited. */
export interface Room {
  rail?: RailEntry
  routes: RouteRecordRaw[]
}

const found = import.meta.glob<{ default: Room }>('../rooms/*/routes.ts', { eager: true })

export const rooms: Room[] = Object.values(found).map((file) => file.default)
export const rail: RailEntry[] = rooms
  .flatMap((room) => (room.rail ? [room.rail] : []))
  .sort((a, b) => a.order - b.order)
