import { computed, inject, provide, ref, watch, type InjectionKey, type Ref } from 'vue'
import type { FeatureCollection } from 'geojson'
import { api, type Query } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import type { ObjectRow, ObjectTypeDef, Page } from '@/api/types'
import { useQuery } from '@/app/query'
import { useScope } from '@/app/scope'
import { filtersFrom, filtersText, type Filters } from './values'

const SIZE = 50
const DRAWN = 20_000

export type Drawn = FeatureCollection & { truncated?: boolean }

/** One register as it is being looked at: what is asked for stands in the address, rows and map answer to it alike. */
export function openRegister(type: Ref<ObjectTypeDef>) {
  const scope = useScope()
  const q = useQuery('q')
  const filterText = useQuery('filter')
  const sort = useQuery('sort', 'code')
  const pageText = useQuery('page', '1')
  const selected = useQuery('sel')
  const look = useQuery('look', 'both')

  const filters = computed<Filters>({
    get: () => filtersFrom(filterText.value, type.value),
    set: (next) => {
      filterText.value = filtersText(next)
      pageText.value = '1'
    },
  })
  const page = computed<number>({
    get: () => Math.max(1, Number.parseInt(pageText.value, 10) || 1),
    set: (next) => (pageText.value = String(next)),
  })
  /** Which rows: the same for list, map and export. */
  const chosen = computed<Query>(() => ({ type: type.value.id, q: q.value.trim(), area: scope.path.value, filter: filtersText(filters.value) }))
  const list = useLoad((signal) => api.get<Page<ObjectRow>>('/objects', { ...chosen.value, sort: sort.value, page: page.value, size: SIZE }, signal), [chosen, sort, page])
  const hasPlace = computed(() => type.value.geometry !== 'none')
  const drawn = useLoad((signal) => (hasPlace.value ? api.get<Drawn>('/objects.geojson', { ...chosen.value, limit: DRAWN }, signal) : null), [chosen])
  const rows = computed(() => list.data.value?.items ?? [])
  const narrowed = computed(() => q.value !== '' || filterText.value !== '')

  /** Ticked rows as they were when ticked, over all pages of what is asked for. */
  const ticked = ref(new Map<string, ObjectRow>())
  const checked = computed<Set<string>>({
    get: () => new Set(ticked.value.keys()),
    set: (keys) => {
      const known = new Map(rows.value.map((row) => [row.id, row]))
      ticked.value = new Map([...keys].flatMap((key) => {
        const row = ticked.value.get(key) ?? known.get(key)
        return row ? [[key, row] as const] : []
      }))
    },
  })
  watch(chosen, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) ticked.value = new Map()
  })

  function clear(): void {
    q.value = ''
    filterText.value = ''
    pageText.value = '1'
  }
  async function reload(): Promise<void> {
    await Promise.all([list.reload(), drawn.reload()])
  }
  watch([q, scope.path], () => (pageText.value = '1'))
  useLive(['object.', 'objects.'], () => void reload())

  const register = { q, filters, sort, page, selected, look, chosen, ticked, checked, list, drawn, rows, hasPlace, narrowed, size: SIZE, clear, reload, scope }
  provide(KEY, register)
  return register
}
export type Register = ReturnType<typeof openRegister>
const KEY: InjectionKey<Register> = Symbol('register')

/** The register that the page has open. */
export function useRegister(): Register {
  const register = inject(KEY)
  if (!register) throw new Error('no register is open above this component')
  return register
}
