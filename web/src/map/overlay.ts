/** A rectangle on the screen in px. */
export interface Box {
  x: number
  y: number
  w: number
  h: number
}

export const overlaps = (a: Box, b: Box, gap = 1): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap

const around = (x: number, y: number, size: number): Box => ({ x: x - size / 2, y: y - size / 2, w: size, h: size })

export interface Spread {
  x: number
  y: number
  moved: boolean
}

const REACH = 24

/**
 * Spreads symbols of `size` px that lie on each other, up to 24 px from their place; the first ones keep theirs, so give the
 * gravest first. A symbol that finds no free spot stays where it is.
 */
export function spread(points: readonly { x: number; y: number }[], size: number): Spread[] {
  const taken: Box[] = []
  return points.map(({ x, y }) => {
    const home = around(x, y, size)
    let found: Spread = { x, y, moved: false }
    if (taken.some((box) => overlaps(home, box))) {
      search: for (const reach of [size * 0.75, REACH]) {
        for (let step = 0; step < 12; step += 1) {
          const angle = (step * Math.PI) / 6
          const spot = around(x + reach * Math.cos(angle), y + reach * Math.sin(angle), size)
          if (taken.some((box) => overlaps(spot, box))) continue
          found = { x: spot.x + size / 2, y: spot.y + size / 2, moved: true }
          break search
        }
      }
    }
    taken.push(around(found.x, found.y, size))
    return found
  })
}

export interface LabelRequest {
  id: string
  x: number
  y: number
  /** Distance from the point to the text's edge. */
  offset: number
  width: number
  height: number
}
export interface PlacedLabel {
  id: string
  x: number
  y: number
}

/**
 * Places labels right, left, above or below of their points where they hit neither a symbol nor an earlier label; the rest is
 * left out. `x`, `y` of the answer is the upper left corner.
 */
export function placeLabels(requests: readonly LabelRequest[], symbols: readonly Box[]): PlacedLabel[] {
  const taken = [...symbols]
  const placed: PlacedLabel[] = []
  for (const { id, x, y, offset, width, height } of requests) {
    const spots: Box[] =
      offset === 0
        ? [{ x: x - width / 2, y: y - height / 2, w: width, h: height }]
        : [
            { x: x + offset, y: y - height / 2, w: width, h: height },
            { x: x - offset - width, y: y - height / 2, w: width, h: height },
            { x: x - width / 2, y: y - offset - height, w: width, h: height },
            { x: x - width / 2, y: y + offset, w: width, h: height },
          ]
    const spot = spots.find((box) => !taken.some((other) => overlaps(box, other)))
    if (!spot) continue
    taken.push(spot)
    placed.push({ id, x: spot.x, y: spot.y })
  }
  return placed
}

/** About how wide a text runs, in px: wide characters count one em, others a bit over half. */
export function textWidth(text: string, size: number): number {
  let em = 0
  for (const char of text) em += char.charCodeAt(0) > 0x2e7f ? 1 : 0.56
  return em * size
}

const EQUATOR_M = 40_075_016.686

/** A round length for the scale bar at most `most` px long, for a web-mercator map of 512 px tiles. */
export function scaleBar(latitude: number, zoom: number, most: number): { px: number; text: string } {
  const metresPerPx = (EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom)
  const limit = most * metresPerPx
  const power = 10 ** Math.floor(Math.log10(limit))
  const round = [5, 2, 1].map((factor) => factor * power).find((metres) => metres <= limit) ?? power
  return { px: round / metresPerPx, text: round >= 1000 ? `${round / 1000} km` : `${round} m` }
}

/** The path of an arc over `share` of a circle of radius `r` around 0,0, clockwise from the top; "" for none. */
export function arc(share: number, r: number): string {
  if (share <= 0) return ''
  if (share >= 0.999) return `M0 ${-r}A${r} ${r} 0 1 1 -0.01 ${-r}Z`
  const angle = share * 2 * Math.PI
  const x = (r * Math.sin(angle)).toFixed(2)
  const y = (-r * Math.cos(angle)).toFixed(2)
  return `M0 ${-r}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 1 ${x} ${y}`
}
