import { onScopeDispose, readonly, ref } from 'vue'
import { clockOffset } from '@/api/client'

const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The server's time in ms, ticking once a second while anybody uses it. */
export function useNow() {
  users += 1
  now.value = Date.now() + clockOffset.value
  timer ??= setInterval(() => (now.value = Date.now() + clockOffset.value), 1000)
  onScopeDispose(() => {
    users -= 1
    if (users === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(now)
}
