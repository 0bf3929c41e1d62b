import type { Room } from '@/app/rooms'
import { w } from './words'

const meta = { title: () => w('nav'), room: '/registers' }
const room: Room = {
  routes: [
    { path: '/rounds/runs/:run', name: 'run', component: () => import('./Rounds.vue'), meta },
    { path: '/rounds/:id?', name: 'rounds', component: () => import('./Rounds.vue'), meta },
  ],
}
export default room
