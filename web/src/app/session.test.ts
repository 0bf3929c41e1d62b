import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useSession } from './session'

let demonstration = false
beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('EventSource', class { addEventListener(): void {} close(): void {} })
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ code: 'u1', language: 'zh', administrator: true, holdings: [], acts: [], demonstration })))
})

describe('the session', () => {
  it('says whether the site is a demonstration, also once one comes or goes', async () => {
    const session = useSession()
    expect(session.demonstration).toBe(false)
    await session.ask()
    expect(session.demonstration).toBe(false)
    demonstration = true
    await session.refresh()
    expect(session.demonstration).toBe(true)
  })
})
