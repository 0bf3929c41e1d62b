import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from 'vue'
import { ApiProblem } from './client'

/** One thing fetched for a panel: old data stays while new is on its way, a skeleton is due only after 300 ms. */
export interface Load<T> {
  data: ShallowRef<T | null>
  problem: ShallowRef<ApiProblem | null>
  loading: Ref<boolean>
  slow: Ref<boolean>
  reload: () => Promise<void>
}

const SKELETON_MS = 300

/**
 * Fetches now and again whenever a source changes; a superseded answer is dropped. Return null from `fetcher` to fetch nothing.
 * With `keep: false` the old data is dropped on a change of source (another thing, not another state of the same thing).
 */
export function useLoad<T>(
  fetcher: (signal: AbortSignal) => Promise<T> | null,
  sources: WatchSource[] = [],
  { keep = true }: { keep?: boolean } = {},
): Load<T> {
  const data = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const loading = ref(false)
  const slow = ref(false)
  let controller: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function reload(): Promise<void> {
    controller?.abort()
    const mine = new AbortController()
    controller = mine
    const promise = fetcher(mine.signal)
    if (promise === null) {
      data.value = null
      problem.value = null
      loading.value = slow.value = false
      return
    }
    loading.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (slow.value = true), SKELETON_MS)
    try {
      const answer = await promise
      if (mine.signal.aborted) return
      data.value = answer
      problem.value = null
    } catch (error) {
      if (mine.signal.aborted) return
      if (!(error instanceof ApiProblem)) throw error
      problem.value = error
    } finally {
      if (controller === mine) {
        clearTimeout(timer)
        loading.value = slow.value = false
      }
    }
  }

  if (sources.length > 0) {
    watch(sources, () => {
      if (!keep) data.value = null
      void reload()
    })
  }
  void reload()
  onScopeDispose(() => {
    controller?.abort()
    clearTimeout(timer)
  })
  return { data, problem, loading, slow, reload }
}
