import { describe, expect, it } from 'vitest'
import { fresh } from './grave'

describe('level Ⅰ alarms', () => {
  it('ring once each, however often they are counted again', () => {
    const rung = new Set<string>()
    const ring = (ids: string[]): string[] => {
      const found = fresh(ids.map((id) => ({ id })), rung)
      for (const id of found) rung.add(id)
      return found
    }
    expect(ring(['a'])).toEqual(['a'])
    expect(ring(['a', 'b'])).toEqual(['b'])
    expect(ring(['b'])).toEqual([])
  })
})
