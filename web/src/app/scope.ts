import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { named, t } from '@/words'
import { useCatalogue } from './catalogue'
import { forget } from './router'

/** The area in scope: one place, the address (`?area=310117103`); empty means the whole district. */
export function useScope() {
  const route = useRoute()
  const router = useRouter()
  const catalogue = useCatalogue()

  const code = computed(() => (typeof route.query.area === 'string' ? route.query.area : ''))
  const area = computed(() => catalogue.areas.find((row) => row.code === code.value) ?? null)
  /** The path prefix that queries take; "" for the whole district. */
  const path = computed(() => area.value?.path ?? '')
  const name = computed(() => (area.value ? named(area.value) : t('scope.all')))

  function set(next: string): void {
    const query = { ...route.query }
    delete query.area
    if (next) query.area = next
    else forget('area')
    void router.replace({ path: route.path, query })
  }
  /** Sets the scope by an area path, as rows carry it. */
  function setPath(areaPath: string): void {
    set(catalogue.areas.find((row) => row.path === areaPath)?.code ?? '')
  }
  return { code, area, path, name, set, setPath }
}
