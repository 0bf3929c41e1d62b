import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  rail: { order: 20, to: '/plan', icon: 'plan', key: 'p', label: () => w('nav') },
  routes: [
    { path: '/plan', name: 'plan', component: () => import('./Plan.vue'), meta: { title: () => w('title') } },
    { path: '/plan/tasks/:no', name: 'task', component: () => import('./Plan.vue'), props: true, meta: { title: () => w('title') } },
    { path: '/indicators/:id', name: 'indicator', component: () => import('./Indicator.vue'), props: true, meta: { title: () => w('indicator'), room: '/plan' } },
  ],
}
export default room
