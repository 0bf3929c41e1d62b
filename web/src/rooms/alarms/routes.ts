import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  rail: { order: 40, to: '/alarms', icon: 'alarms', key: 'a', label: () => w('nav'), badge: (counts) => counts.alarms?.unacknowledged ?? null },
  routes: [
    { path: '/alarms/quality', name: 'alarm-quality', component: () => import('./AlarmQuality.vue'), meta: { title: () => w('quality') } },
    { path: '/alarms/roster', name: 'alarm-roster', component: () => import('./Roster.vue'), meta: { title: () => w('roster') } },
    { path: '/alarms/:id?', name: 'alarms', component: () => import('./Alarms.vue'), meta: { title: () => w('nav') } },
  ],
}
export default room
