import { ref } from 'vue'
import { language, t } from '@/words'
import type { Problem } from './types'

/** A refusal or failure that the server explained, or that the network caused (status 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly params: Record<string, unknown>
  readonly request: string

  constructor(problem: { status: number; code: string; title: string; params?: Record<string, unknown>; request?: string }) {
    super(problem.title)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.code = problem.code
    this.params = problem.params ?? {}
    this.request = problem.request ?? ''
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>

/** Milliseconds to add to the device's clock to get the server's. */
export const clockOffset = ref(0)

let onSignedOut: () => void = () => undefined
/** Names what happens when the server no longer knows the session. */
export function whenSignedOut(call: () => void): void {
  onSignedOut = call
}

/** Builds an address under /api, leaving out empty parameters. */
export function address(path: string, query: Query = {}): string {
  const parts = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parts.set(key, String(value))
  }
  const tail = parts.toString()
  return `/api${path}${tail ? `?${tail}` : ''}`
}

/** The value of a cookie, or "". */
export function cookie(name: string, jar = document.cookie): string {
  for (const part of jar.split('; ')) {
    const at = part.indexOf('=')
    if (part.slice(0, at) === name) return decodeURIComponent(part.slice(at + 1))
  }
  return ''
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const number = answer.headers.get('X-Request-Id') ?? ''
  try {
    const body = (await answer.json()) as Partial<Problem>
    if (typeof body.title === 'string') {
      return new ApiProblem({
        status: answer.status,
        code: body.code ?? '',
        title: body.title,
        params: body.params ?? {},
        request: body.request ?? number,
      })
    }
  } catch {
    // Not our error shape: a proxy answered. Said below.
  }
  return new ApiProblem({ status: answer.status, code: 'bad_answer', title: t('problem.badAnswer'), request: number })
}

function keepTime(answer: Response): void {
  const date = Date.parse(answer.headers.get('Date') ?? '')
  if (Number.isNaN(date)) return
  const offset = date - Date.now()
  // The Date header counts whole seconds: a small difference is not a wrong clock.
  clockOffset.value = Math.abs(offset) > 5000 ? offset : 0
}

interface Call {
  method: string
  path: string
  query?: Query
  body?: unknown
  signal?: AbortSignal
  /** Goes on when the page is left. */
  keepalive?: boolean
}

async function call<T>({ method, path, query, body, signal, keepalive }: Call): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Language': language.value }
  if (method !== 'GET') headers['X-CSRFToken'] = cookie('csrftoken')
  const isForm = body instanceof FormData
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json'
  let answer: Response
  try {
    answer = await fetch(address(path, query), {
      method,
      headers,
      body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
      signal,
      keepalive,
      credentials: 'same-origin',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem({ status: 0, code: 'offline', title: t('state.offline') })
  }
  keepTime(answer)
  if (!answer.ok) {
    if (answer.status === 401 && path !== '/session') onSignedOut()
    throw await problemOf(answer)
  }
  if (answer.status === 204) return undefined as T
  const text = await answer.text()
  try {
    return JSON.parse(text) as T
  } catch {
    throw new ApiProblem({ status: answer.status, code: 'bad_answer', title: t('problem.badAnswer') })
  }
}

/** Fetches a file whole, so that a refusal is told in words instead of as a broken download; with a body it is asked for by POST. */
async function file(path: string, query: Query, name: string, body?: unknown): Promise<{ blob: Blob; name: string }> {
  const headers: Record<string, string> = { 'X-Language': language.value }
  if (body !== undefined) Object.assign(headers, { 'X-CSRFToken': cookie('csrftoken'), 'Content-Type': 'application/json' })
  let answer: Response
  try {
    answer = await fetch(address(path, query), { method: body === undefined ? 'GET' : 'POST', headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' })
  } catch {
    throw new ApiProblem({ status: 0, code: 'offline', title: t('state.offline') })
  }
  if (answer.ok) return { blob: await answer.blob(), name }
  if (answer.status === 401) onSignedOut()
  throw await problemOf(answer)
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => call<T>({ method: 'GET', path, query, signal }),
  post: <T>(path: string, body: unknown = {}): Promise<T> => call<T>({ method: 'POST', path, body }),
  patch: <T>(path: string, body: unknown, { keepalive = false } = {}): Promise<T> => call<T>({ method: 'PATCH', path, body, keepalive }),
  delete: <T>(path: string): Promise<T> => call<T>({ method: 'DELETE', path }),
  file,
}
