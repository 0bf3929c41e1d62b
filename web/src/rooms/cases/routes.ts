import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  rail: { order: 30, to: '/cases', icon: 'cases', key: 'c', label: () => w('nav'), badge: (counts) => counts.cases?.mine ?? null },
  routes: [{ path: '/cases/:id?', name: 'cases', component: () => import('./Cases.vue'), meta: { title: () => w('nav') } }],
}
export default room
