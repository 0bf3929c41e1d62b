import { describe, expect, it } from 'vitest'
import { markOf } from './faults'

describe('markOf', () => {
  it('shows silence before any other fault, and being mended as no fault of its own', () => {
    expect(markOf('silent', ['silent', 'drifts'])).toBe('silent')
    expect(markOf('never', [])).toBe('never')
    expect(markOf('fresh', ['battery'])).toBe('failing')
    expect(markOf('fresh', ['mending'])).toBe('sound')
    expect(markOf('fresh', [])).toBe('sound')
  })
})
