import type { Room } from '@/app/rooms'
import { w } from './words'
import { i } from './import/words'

const room: Room = {
  rail: { order: 70, to: '/registers', icon: 'registers', key: 'r', label: () => w('nav') },
  routes: [
    { path: '/registers/:type/import/:job?', name: 'register-import', component: () => import('./import/ImportPage.vue'), meta: { title: () => i('title') } },
    { path: '/registers/:type/:id', name: 'register-object', component: () => import('./ObjectPage.vue'), meta: { title: () => w('nav') } },
    { path: '/registers/:type?', name: 'registers', component: () => import('./Registers.vue'), meta: { title: () => w('nav') } },
  ],
}
export default room
