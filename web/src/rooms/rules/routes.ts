import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  routes: [{ path: '/rules/:id?', name: 'rules', component: () => import('./Rules.vue'), meta: { title: () => w('nav') } }],
}
export default room
