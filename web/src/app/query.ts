import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** State worth sharing as a query parameter: reads the address, writes by replacing it; the default is left out. */
export function useQuery(name: string, preset = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' ? value : preset
    },
    set: (value) => {
      const query = { ...router.currentRoute.value.query }
      if (value === preset) delete query[name]
      else query[name] = value
      void router.replace({ path: router.currentRoute.value.path, query })
    },
  })
}
