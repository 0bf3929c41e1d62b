import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { language } from '@/words'
import { useSession } from './session'

/** What the server keeps; a PATCH waits here until the test lets it through. */
let server = { language: 'zh', demonstration: false }
let held: { language: string; answer: () => void; lose: () => void }[] = []

const answer = (): Response => new Response(JSON.stringify({ code: 'u1', administrator: true, holdings: [], acts: [], ...server }))
function fetched(_address: string, init: RequestInit): Promise<Response> {
  if (init.method !== 'PATCH') return Promise.resolve(answer())
  expect(init.keepalive).toBe(true)
  const chosen = (JSON.parse(String(init.body)) as { language: string }).language
  return new Promise((resolve, reject) => {
    held.push({
      language: chosen,
      answer: () => {
        server.language = chosen
        resolve(answer())
      },
      lose: () => reject(new TypeError('the page was left')),
    })
  })
}
/** Loads the page anew, as far as the session knows: what is in the browser's storage stays. */
async function load(): Promise<ReturnType<typeof useSession>> {
  setActivePinia(createPinia())
  const session = useSession()
  await session.ask()
  return session
}
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

beforeEach(() => {
  localStorage.clear()
  server = { language: 'zh', demonstration: false }
  held = []
  language.value = 'zh'
  setActivePinia(createPinia())
  vi.stubGlobal('EventSource', class { addEventListener(): void {} close(): void {} })
  vi.stubGlobal('fetch', vi.fn(fetched))
})

describe('the session', () => {
  it('says whether the site is a demonstration, also once one comes or goes', async () => {
    const session = useSession()
    expect(session.demonstration).toBe(false)
    await session.ask()
    expect(session.demonstration).toBe(false)
    server.demonstration = true
    await session.refresh()
    expect(session.demonstration).toBe(true)
  })
})

describe('the language chosen', () => {
  it('stays when the page is left before the server has heard of it', async () => {
    const first = await load()
    void first.speak('en')
    held[0]?.lose()
    const second = await load()
    expect(language.value).toBe('en')
    held[1]?.answer()
    await soon()
    expect(second.me?.language).toBe('en')
    await load()
    expect(language.value).toBe('en')
    expect(held).toHaveLength(2)
  })
  it('is the last one, however late the server answers', async () => {
    const session = await load()
    void session.speak('en')
    void session.speak('zh')
    expect(held.map((one) => one.language)).toEqual(['en'])
    held[0]?.answer()
    await soon()
    expect(held.map((one) => one.language)).toEqual(['en', 'zh'])
    expect(language.value).toBe('zh')
    held[1]?.answer()
    await soon()
    expect([language.value, server.language]).toEqual(['zh', 'zh'])
  })
  it('is nothing to the next person at the same browser', async () => {
    const session = await load()
    void session.speak('en')
    held[0]?.lose()
    await soon()
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ code: 'u2', language: 'zh', administrator: true, holdings: [], acts: [], demonstration: false })))
    await load()
    expect(language.value).toBe('zh')
  })
})
