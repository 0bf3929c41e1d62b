import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type Router } from 'vue-router'

let waiting: Record<string, string | null> | null = null

/** Several parameters set in one go become one navigation; null takes a parameter out. */
function write(router: Router, name: string, value: string | null): void {
  if (waiting) {
    waiting[name] = value
    return
  }
  waiting = { [name]: value }
  queueMicrotask(() => {
    const query = { ...router.currentRoute.value.query }
    for (const [key, next] of Object.entries(waiting ?? {})) {
      if (next === null) delete query[key]
      else query[key] = next
    }
    waiting = null
    void router.replace({ path: router.currentRoute.value.path, query })
  })
}

/** State worth sharing as a query parameter: reads the address, writes by replacing it; the default is left out. */
export function useQuery(name: string, preset = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' ? value : preset
    },
    set: (value) => write(router, name, value === preset ? null : value),
  })
}
