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

const DAY = 86_400_000

/** How a time axis of this length is marked: by the hour up to two days, by the day up to a quarter, by the month beyond. */
export function grain(lengthMs: number): 'hour' | 'day' | 'month' {
  if (lengthMs <= 2 * DAY) return 'hour'
  return lengthMs <= 92 * DAY ? 'day' : 'month'
}

/** On which side of the last point its figure stands clear of the target line; `height` is the span of the value axis. */
export function labelSide(last: number, target: number | null, height: number): 'top' | 'bottom' {
  return target !== null && target > last && (target - last) / height < 0.25 ? 'bottom' : 'top'
}

const STEPS = [1, 2, 5]
const LINES = 6

/** Round limits and step of the value axis around the data and the target; a line chart may start above zero and says so. */
export function axis(values: readonly number[], share: boolean): { min: number; max: number; interval: number } {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const range = Math.max(high - low, share ? 0.04 : Math.abs(high) * 0.04, 1e-6)
  let interval = 0
  for (let power = 10 ** Math.floor(Math.log10(range / LINES)); interval === 0; power *= 10) {
    const step = STEPS.map((factor) => factor * power).find((one) => range / one <= LINES - 1)
    if (step) interval = step
  }
  const tidy = (steps: number): number => Number((steps * interval).toPrecision(12))
  const min = Math.max(0, tidy(Math.floor(low / interval - 0.2)))
  const max = tidy(Math.ceil(high / interval + 0.2))
  return { min, max: share ? Math.min(1, max) : max, interval }
}

/** What arrived in ten minutes from `at`, and what is left of it after folding. */
export interface Arrivals {
  at: string
  raw: number
  shown: number
}

/** At most `most` bars: where there are more, each stands for several and shows the fullest of them, so that no peak is lost. */
export function fullest(bars: readonly Arrivals[], most: number): Arrivals[] {
  const step = Math.ceil(bars.length / most)
  if (step <= 1) return [...bars]
  const found: Arrivals[] = []
  for (let first = 0; first < bars.length; first += step) {
    const some = bars.slice(first, first + step)
    found.push({ at: some[0]?.at ?? '', raw: Math.max(...some.map((bar) => bar.raw)), shown: Math.max(...some.map((bar) => bar.shown)) })
  }
  return found
}
