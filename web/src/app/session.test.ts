import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useSession } from './session'

let demonstration = false
beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('EventSource', class { addEventListener(): void {} close(): void {} })
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ code: 'u1', language: 'zh', administrator: true, holdings: [], acts: [], columns: {}, demonstration })))
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
  it('keeps the columns of a list with the account, and shows them at once', async () => {
    const sent: unknown[] = []
    const session = useSession()
    await session.ask()
    vi.stubGlobal('fetch', async (_path: string, call: RequestInit) => {
      sent.push(JSON.parse(String(call.body)))
      return new Response('{}')
    })
    const columns = [{ key: 'name', shown: false, width: 120 }]
    const done = session.arrange('alarms', columns)
    expect(session.me?.columns).toEqual({ alarms: columns })
    await done
    await session.arrange('alarms', [])
    expect(session.me?.columns).toEqual({})
    expect(sent).toEqual([{ columns: { table: 'alarms', columns } }, { columns: { table: 'alarms', columns: [] } }])
  })
})
