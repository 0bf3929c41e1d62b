import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useCounts } from './counts'

const asked: string[] = []
let answers: Record<string, Promise<Response>> = {}
const body = (value: unknown): Response => new Response(JSON.stringify(value))

beforeEach(() => {
  setActivePinia(createPinia())
  asked.length = 0
  answers = {}
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address)
    return answers[address] ?? Promise.resolve(body({ open: address.includes('area') ? 1 : 2 }))
  })
})

describe('counts', () => {
  it('are those of the area in scope', async () => {
    const counts = useCounts()
    await counts.countIn('')
    expect(counts.cases?.open).toBe(2)
    await counts.countIn('310117/310117103/')
    expect(counts.cases?.open).toBe(1)
    expect(asked.slice(2)).toEqual(['/api/alarms/counts?area=310117%2F310117103%2F', '/api/cases/counts?area=310117%2F310117103%2F'])
  })
  it('drop the answer for an area that was left', async () => {
    const counts = useCounts()
    let late: (answer: Response) => void = () => undefined
    answers['/api/cases/counts'] = new Promise((resolve) => (late = resolve))
    const first = counts.countIn('')
    await counts.countIn('310117/310117103/')
    late(body({ open: 2 }))
    await first
    expect(counts.cases?.open).toBe(1)
  })
})
