import { describe, expect, it } from 'vitest'
import { hours } from './roster'

describe('hours of a shift', () => {
  it('says when it ends on the next day, and a whole day by its word', () => {
    const said = (begins: string, ends: string): string => hours(begins, ends, '全天', '次日 ')
    expect(said('08:30:00', '17:30:00')).toBe('08:30–17:30')
    expect(said('17:30:00', '08:30:00')).toBe('17:30–次日 08:30')
    expect(said('00:00:00', '00:00:00')).toBe('全天')
    expect(said('09:00:00', '09:00:00')).toBe('09:00–次日 09:00')
  })
})
