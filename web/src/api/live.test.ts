import { describe, expect, it } from 'vitest'
import { changeOf } from './live'

describe('changeOf', () => {
  it('reads a change', () => {
    expect(changeOf('event: change\ndata: {"topic":"case.moved","id":"1","area_path":"310117/","at":"2026-03-18T06:00:00Z"}')).toMatchObject({ topic: 'case.moved', id: '1' })
  })
  it('passes over heartbeats, other events and broken data', () => {
    expect(changeOf(': heartbeat')).toBeNull()
    expect(changeOf('event: hello\ndata: {}')).toBeNull()
    expect(changeOf('event: change\ndata: {broken')).toBeNull()
  })
})
