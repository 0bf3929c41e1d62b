import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { address, api, ApiProblem, cookie, whenSignedOut } from './client'

const answers = vi.fn<(input: string, init: RequestInit) => Promise<Response>>()
beforeEach(() => vi.stubGlobal('fetch', answers))
afterEach(() => {
  vi.unstubAllGlobals()
  answers.mockReset()
})
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status })
const caught = async (promise: Promise<unknown>): Promise<ApiProblem> => {
  const error: unknown = await promise.catch((e: unknown) => e)
  expect(error).toBeInstanceOf(ApiProblem)
  return error as ApiProblem
}

describe('address', () => {
  it('leaves out what is empty and encodes the rest', () => {
    expect(address('/cases', { q: '井盖', area: '', mine: true, at: null, page: 2 })).toBe('/api/cases?q=%E4%BA%95%E7%9B%96&mine=true&page=2')
  })
})

describe('client', () => {
  it('sends language and token with an unsafe call', async () => {
    document.cookie = 'csrftoken=abc'
    answers.mockResolvedValue(json({}))
    await api.post('/alarms/1/acknowledge')
    const headers = answers.mock.calls[0]?.[1].headers as Record<string, string>
    expect(headers).toMatchObject({ 'X-CSRFToken': 'abc', 'X-Language': 'zh', 'Content-Type': 'application/json' })
    expect(cookie('csrftoken', 'a=1; csrftoken=x%3D; b=2')).toBe('x=')
  })
  it('leaves the content type of a form to the browser', async () => {
    answers.mockResolvedValue(json({}))
    await api.post('/imports', new FormData())
    expect(answers.mock.calls[0]?.[1].headers).not.toHaveProperty('Content-Type')
  })
  it('carries the words, code, parameters and number of a refusal', async () => {
    answers.mockResolvedValue(json({ type: 't', title: '案件已被移动', status: 409, code: 'cases.moved_on', params: { by: '派遣岗' }, request: 'r1' }, 409))
    const problem = await caught(api.post('/cases/1/moves/send', {}))
    expect(problem).toMatchObject({ message: '案件已被移动', status: 409, code: 'cases.moved_on', params: { by: '派遣岗' }, request: 'r1' })
  })
  it('says so when an answer is not ours', async () => {
    answers.mockResolvedValue(new Response('<html>502</html>', { status: 502 }))
    expect((await caught(api.get('/plan'))).code).toBe('bad_answer')
  })
  it('tells a cut line from a refusal', async () => {
    answers.mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await caught(api.get('/plan'))).toMatchObject({ status: 0, code: 'offline' })
  })
  it('lets the frame know when the session is gone, but not when asking for it', async () => {
    const gone = vi.fn()
    whenSignedOut(gone)
    answers.mockImplementation(async () => json({ title: '未登录', code: 'people.not_signed_in' }, 401))
    await caught(api.get('/session'))
    expect(gone).not.toHaveBeenCalled()
    await caught(api.get('/cases'))
    expect(gone).toHaveBeenCalledOnce()
  })
})
