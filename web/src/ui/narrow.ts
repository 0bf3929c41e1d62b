import { onScopeDispose, ref, type Ref } from 'vue'

/** Below this width the context column of a page is a drawer. */
export const DRAWER_BELOW = 1200

/** True while the window is narrower than `px`; ends with the component. */
export function useNarrow(px = DRAWER_BELOW): Ref<boolean> {
  const query = matchMedia(`(max-width: ${px - 0.02}px)`)
  const narrow = ref(query.matches)
  const look = (): void => {
    narrow.value = query.matches
  }
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return narrow
}
