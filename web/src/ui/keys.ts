import { onScopeDispose, ref } from 'vue'

/** Single-key shortcuts can be switched off (WCAG 2.1.4); the choice stays on this device. */
const KEPT = 'xiuhua.single-keys'
function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== 'off'
  } catch {
    return true
  }
}
export const singleKeys = ref(kept())
export function setSingleKeys(on: boolean): void {
  singleKeys.value = on
  try {
    localStorage.setItem(KEPT, on ? 'on' : 'off')
  } catch {
    // The choice then lasts as long as the page.
  }
}

export type KeyMap = Record<string, (event: KeyboardEvent) => void>

interface Layer {
  map: KeyMap
  active: () => boolean
}
const layers: Layer[] = []
let pending = ''
let pendingTimer: ReturnType<typeof setTimeout> | undefined

/** True where typing belongs to the field. */
export function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** True for Enter and Space on a focused button or link: those act by themselves. */
function actsItself(event: KeyboardEvent): boolean {
  return (event.key === 'Enter' || event.key === ' ') && event.target instanceof HTMLElement && ['BUTTON', 'A', 'SUMMARY'].includes(event.target.tagName)
}

/** Looked up before anybody acts on the key: the Escape that closes a dialog must not leave the page as well. */
let dialogOpen = false
function look(): void {
  dialogOpen = document.querySelector('[role="dialog"][aria-modal="true"]') !== null
}

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return
  if (dialogOpen || actsItself(event)) return
  const isSingle = event.key.length === 1
  if (isSingle && !singleKeys.value) return
  const key = isSingle ? event.key.toLowerCase() : event.key
  const chord = pending ? `${pending} ${key}` : key
  clearTimeout(pendingTimer)
  pending = ''
  const live = layers.filter((layer) => layer.active())
  for (const layer of [...live].reverse()) {
    const found = layer.map[chord]
    if (found) {
      event.preventDefault()
      found(event)
      return
    }
  }
  if (live.some((layer) => Object.keys(layer.map).some((name) => name.startsWith(`${key} `)))) {
    pending = key
    pendingTimer = setTimeout(() => (pending = ''), 1200)
  }
}

/**
 * Binds keys while the component lives: "j", "Enter", "Escape", or two in a row as "g h". The newest binding wins. Enter and Space on a
 * focused button or link are left to it.
 */
export function useKeys(map: KeyMap, active: () => boolean = () => true): void {
  const layer = { map, active }
  if (layers.length === 0) {
    window.addEventListener('keydown', look, true)
    window.addEventListener('keydown', handle)
  }
  layers.push(layer)
  onScopeDispose(() => {
    layers.splice(layers.indexOf(layer), 1)
    if (layers.length === 0) {
      window.removeEventListener('keydown', look, true)
      window.removeEventListener('keydown', handle)
    }
  })
}
