import { ref } from 'vue'

/** The one sound of the product, made here and fetched from nowhere. The choice stays on this device: the room it rings in is one too. */
const KEPT = 'xiuhua.sound'
function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== 'off'
  } catch {
    return true
  }
}
export const soundOn = ref(kept())
/** True once the browser lets the page be heard: it wants a click or a key first. */
export const audible = ref(false)
let context: AudioContext | undefined

export function setSound(on: boolean): void {
  soundOn.value = on
  try {
    localStorage.setItem(KEPT, on ? 'on' : 'off')
  } catch {
    // The choice then lasts as long as the page.
  }
}

async function unlock(): Promise<void> {
  context ??= new AudioContext()
  await context.resume()
  audible.value = context.state === 'running'
  if (audible.value) for (const kind of GESTURES) window.removeEventListener(kind, unlock, true)
}
const GESTURES = ['pointerdown', 'keydown'] as const

/** Waits for the first click or key, after which the browser lets the page sound. */
export function listenForGesture(): void {
  if (typeof AudioContext === 'undefined') return
  for (const kind of GESTURES) window.addEventListener(kind, unlock, true)
}

/** Two falling tones of a quarter second each, once; says whether it could be heard. */
export function ring(): boolean {
  if (!soundOn.value || !context || !audible.value) return false
  const begin = context.currentTime
  for (const [at, pitch] of [[0, 880], [0.28, 660]] as const) {
    const tone = context.createOscillator()
    const loudness = context.createGain()
    tone.frequency.value = pitch
    loudness.gain.setValueAtTime(0.0001, begin + at)
    loudness.gain.exponentialRampToValueAtTime(0.3, begin + at + 0.02)
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.25)
    tone.connect(loudness).connect(context.destination)
    tone.start(begin + at)
    tone.stop(begin + at + 0.26)
  }
  return true
}
