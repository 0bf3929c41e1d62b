import '@/ui/theme.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { whenSignedOut } from '@/api/client'
import App from './App.vue'
import { makeRouter } from './router'
import { useSession } from './session'

const app = createApp(App)
app.use(createPinia())
const router = makeRouter()
app.use(router)
whenSignedOut(() => {
  const session = useSession()
  if (!session.me) return
  session.leave()
  void router.push({ name: 'sign-in', query: { to: router.currentRoute.value.fullPath } })
})
// After an upgrade the parts named by an open page are gone: one reload fetches the new ones; a second failure is shown.
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem('xiuhua.reloaded') ?? 0)
  if (Date.now() - last < 60_000) return
  event.preventDefault()
  sessionStorage.setItem('xiuhua.reloaded', String(Date.now()))
  location.reload()
})
app.mount('#app')
