/** One point of a curve; a null value is a gap and stays one. */
export interface Point {
  at: string
  value: number | null
  note?: string
}
export interface Change {
  at: string
  text: string
}

/**
 * A straight line through the known points of the last six months (least squares), carried on to `until`; null when there are fewer than
 * three points. It says where the present speed leads, nothing more.
 */
export function forecast(points: readonly Point[], until: number): { at: number; value: number }[] | null {
  const known = points.flatMap((point) => (point.value === null ? [] : [{ at: Date.parse(point.at), value: point.value }]))
  const last = known.at(-1)
  if (!last || until <= last.at) return null
  const recent = known.filter((point) => last.at - point.at <= 183 * 86_400_000)
  if (recent.length < 3) return null
  const meanAt = recent.reduce((sum, point) => sum + point.at, 0) / recent.length
  const mean = recent.reduce((sum, point) => sum + point.value, 0) / recent.length
  const spread = recent.reduce((sum, point) => sum + (point.at - meanAt) ** 2, 0)
  if (spread === 0) return null
  const slope = recent.reduce((sum, point) => sum + (point.at - meanAt) * (point.value - mean), 0) / spread
  return [
    { at: last.at, value: last.value },
    { at: until, value: last.value + slope * (until - last.at) },
  ]
}

/** Round limits of the value axis around the data and the target; a line chart may start above zero and says so. */
export function axis(values: readonly number[], share: boolean): { min: number; max: number } {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = Math.max((high - low) * 0.15, share ? 0.01 : 1)
  const step = share ? 0.02 : 10 ** Math.floor(Math.log10(Math.max(high - low, 1)))
  const min = Math.floor((low - room) / step) * step
  const max = Math.ceil((high + room) / step) * step
  return { min: Math.max(0, min), max: share ? Math.min(1, Math.max(max, min + step)) : max }
}
