import { onScopeDispose, ref } from 'vue'
import type { LiveChange } from './types'

/** How the stream of changes stands; the header shows it on every page. */
export const live = {
  open: ref(false),
  /** When the server was last heard, heartbeat included (ms of the device clock). */
  heardAt: ref<number | null>(null),
  cutSince: ref<number | null>(null),
}

/** Changes are handed on a little after the first, then at most once a second. */
const SOON_MS = 150
const BATCH_MS = 1000
/** The server sends a heartbeat every 15 s; three missed ones are a cut line. */
const SILENT_MS = 45_000

type Handler = (changes: LiveChange[]) => void
const handlers = new Set<{ topics: readonly string[]; call: Handler }>()
let waiting: LiveChange[] = []
let flushed = 0
let batch: ReturnType<typeof setTimeout> | undefined
let watchdog: ReturnType<typeof setInterval> | undefined
let running: AbortController | undefined
let attempt = 0

function heard(): void {
  live.heardAt.value = Date.now()
}

function cut(): void {
  live.open.value = false
  live.cutSince.value ??= live.heardAt.value ?? Date.now()
}

function flush(): void {
  batch = undefined
  flushed = Date.now()
  const changes = waiting
  waiting = []
  for (const handler of handlers) {
    const mine = changes.filter((change) => handler.topics.some((topic) => change.topic.startsWith(topic)))
    if (mine.length > 0) handler.call(mine)
  }
}

function take(change: LiveChange): void {
  waiting.push(change)
  batch ??= setTimeout(flush, Math.max(SOON_MS, flushed + BATCH_MS - Date.now()))
}

/** Reads one block of a text/event-stream; comments and unknown events yield null. */
export function changeOf(block: string): LiveChange | null {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).trim())
  }
  if (event !== 'change' || data.length === 0) return null
  try {
    return JSON.parse(data.join('\n')) as LiveChange
  } catch {
    return null
  }
}

async function read(signal: AbortSignal): Promise<void> {
  // fetch instead of EventSource: it hears the heartbeat comments too, so the age of the data is known, not guessed.
  const answer = await fetch('/api/live', { headers: { Accept: 'text/event-stream' }, signal, credentials: 'same-origin' })
  if (!answer.ok || !answer.body) throw new Error(String(answer.status))
  const reconnected = live.cutSince.value !== null
  live.open.value = true
  live.cutSince.value = null
  attempt = 0
  heard()
  if (reconnected) for (const handler of handlers) handler.call([])
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    heard()
    rest += value.replaceAll('\r\n', '\n')
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const change = changeOf(block)
      if (change) take(change)
    }
  }
}

async function run(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const once = new AbortController()
    const stop = (): void => once.abort()
    signal.addEventListener('abort', stop)
    watchdog = setInterval(() => {
      if (live.heardAt.value !== null && Date.now() - live.heardAt.value > SILENT_MS) once.abort()
    }, 5000)
    try {
      await read(once.signal)
    } catch {
      // Any failure means the same to the reader: cut off, trying again.
    }
    clearInterval(watchdog)
    signal.removeEventListener('abort', stop)
    if (signal.aborted) return
    cut()
    attempt += 1
    await new Promise((go) => setTimeout(go, Math.min(1000 * 2 ** attempt, 15_000)))
  }
}

/** Starts listening; called once somebody is signed in. */
export function startLive(): void {
  if (running) return
  running = new AbortController()
  void run(running.signal)
}

/** Stops listening, on signing out. */
export function stopLive(): void {
  running?.abort()
  running = undefined
  live.open.value = false
  live.heardAt.value = null
  live.cutSince.value = null
}

/**
 * Calls `call` at most once a second with the changes whose topic begins with one of `topics`; with an empty list after
 * a reconnection, since anything may have changed meanwhile. Ends with the component.
 */
export function useLive(topics: readonly string[], call: Handler): void {
  const handler = { topics, call }
  handlers.add(handler)
  onScopeDispose(() => handlers.delete(handler))
}
