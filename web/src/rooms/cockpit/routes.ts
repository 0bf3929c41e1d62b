import type { Room } from '@/app/rooms'
import { t } from '@/words'

const room: Room = {
  rail: { order: 10, to: '/', icon: 'overview', key: 'h', label: () => t('nav.overview') },
  routes: [{ path: '/', name: 'overview', component: () => import('./Cockpit.vue'), meta: { title: () => t('nav.overview') } }],
}
export default room
