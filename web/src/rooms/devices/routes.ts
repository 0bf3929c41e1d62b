import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  rail: { order: 80, to: '/devices', icon: 'devices', key: 'd', label: () => w('nav') },
  routes: [
    { path: '/devices', name: 'devices', component: () => import('./Devices.vue'), meta: { title: () => w('nav') } },
    { path: '/devices/keys', name: 'keys', component: () => import('./Keys.vue'), meta: { title: () => w('keys'), room: '/devices' } },
    { path: '/devices/quarantine', name: 'quarantine', component: () => import('./Quarantine.vue'), meta: { title: () => w('quarantine'), room: '/devices' } },
  ],
}
export default room
