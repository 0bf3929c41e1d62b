import type { Room } from '@/app/rooms'
import { w } from './words'

const room: Room = {
  routes: [{ path: '/devices/nodes', name: 'nodes', component: () => import('./Nodes.vue'), meta: { title: () => w('nav'), room: '/devices' } }],
}
export default room
