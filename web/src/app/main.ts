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
app.mount('#app')
