import { describe, expect, it } from 'vitest'
import { centreOf, townOf } from './ground'
import { arc, overlaps, placeLabels, scaleBar, spread } from './overlay'
import { stepOf } from './style'

describe('spread', () => {
  it('keeps the first at its place and moves the next by at most 24 px', () => {
    const [first, second] = spread([{ x: 100, y: 100 }, { x: 102, y: 100 }], 20)
    expect(first).toEqual({ x: 100, y: 100, moved: false })
    expect(second?.moved).toBe(true)
    expect(Math.hypot((second?.x ?? 0) - 102, (second?.y ?? 0) - 100)).toBeLessThanOrEqual(24)
  })
})

describe('placeLabels', () => {
  it('never lays a label on a symbol or on another label', () => {
    const symbols = [{ x: 90, y: 90, w: 20, h: 20 }]
    const wanted = [1, 2, 3].map((n) => ({ id: String(n), x: 100, y: 100 + n, offset: 12, width: 40, height: 16 }))
    const boxes = placeLabels(wanted, symbols).map(({ x, y }) => ({ x, y, w: 40, h: 16 }))
    expect(boxes.length).toBeGreaterThan(1)
    for (const [i, box] of boxes.entries()) {
      expect(symbols.some((symbol) => overlaps(box, symbol))).toBe(false)
      for (const other of boxes.slice(i + 1)) expect(overlaps(box, other)).toBe(false)
    }
  })
})

describe('scaleBar', () => {
  it('is a round length no longer than allowed', () => {
    const bar = scaleBar(31.03, 10, 80)
    expect(bar.px).toBeLessThanOrEqual(80)
    expect(bar.text).toMatch(/^(1|2|5)0* k?m$/)
  })
})

describe('arc', () => {
  it('is nothing for no share and a closed circle for the whole', () => {
    expect(arc(0, 10)).toBe('')
    expect(arc(1, 10)).toContain('Z')
    expect(arc(0.25, 10)).toBe('M0 -10A10 10 0 0 1 10.00 -0.00')
  })
})

describe('ground', () => {
  it('finds the centre of an area and the town of a path', () => {
    expect(centreOf({ type: 'Polygon', coordinates: [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]] })).toEqual([1, 1])
    expect(townOf('310117/310117103/310117103002/')).toBe('310117103')
    expect(townOf('310117/')).toBe('')
  })
  it('puts values into six steps', () => {
    expect([0, 0.5, 1].map((value) => stepOf(value, 0, 1))).toEqual([0, 3, 5])
  })
})
