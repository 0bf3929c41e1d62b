import { language, t } from '@/words'

/** The district lives in one time zone; a screen abroad shows the same times. */
export const ZONE = 'Asia/Shanghai'
const THIN = '\u202f'

interface Parts {
  year: number
  month: number
  day: number
  hour: string
  minute: string
  second: string
  weekday: string
}

const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  weekday: 'short',
  hourCycle: 'h23',
})

function parts(ms: number): Parts {
  const found = Object.fromEntries(PARTS.formatToParts(ms).map((part) => [part.type, part.value]))
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    hour: found.hour ?? '',
    minute: found.minute ?? '',
    second: found.second ?? '',
    weekday: found.weekday ?? '',
  }
}

const pad = (n: number): string => String(n).padStart(2, '0')

/** `14:32` today, `3-16 14:32` this year, `2025-11-04 09:20` otherwise; "—" for nothing. */
export function time(iso: string | null | undefined, now = Date.now()): string {
  const ms = Date.parse(iso ?? '')
  if (Number.isNaN(ms)) return t('none')
  const at = parts(ms)
  const today = parts(now)
  const clock = `${at.hour}:${at.minute}`
  if (at.year !== today.year) return `${at.year}-${pad(at.month)}-${pad(at.day)} ${clock}`
  if (at.month !== today.month || at.day !== today.day) return `${at.month}-${at.day} ${clock}`
  return clock
}

/** `3-16` this year, `2025-11-04` otherwise; takes dates and times. */
export function day(iso: string | null | undefined, now = Date.now()): string {
  const ms = Date.parse(iso ?? '')
  if (Number.isNaN(ms)) return t('none')
  const at = parts(ms)
  return at.year === parts(now).year ? `${at.month}-${at.day}` : `${at.year}-${pad(at.month)}-${pad(at.day)}`
}

/** `26-03`: the month on a long axis. */
export function month(iso: string | null | undefined): string {
  const ms = Date.parse(iso ?? '')
  if (Number.isNaN(ms)) return t('none')
  const at = parts(ms)
  return `${pad(at.year % 100)}-${pad(at.month)}`
}

const WEEKDAYS: Record<string, string> = { Mon: '周一', Tue: '周二', Wed: '周三', Thu: '周四', Fri: '周五', Sat: '周六', Sun: '周日' }

/** The clock of the header: time of day, date, weekday. */
export function header(now: number): { clock: string; date: string } {
  const at = parts(now)
  const weekday = language.value === 'zh' ? (WEEKDAYS[at.weekday] ?? '') : at.weekday
  return { clock: `${at.hour}:${at.minute}:${at.second}`, date: `${at.year}-${pad(at.month)}-${pad(at.day)} ${weekday}` }
}

/** How long, in clock marks: `4m12s` under five minutes, `0h18m` under a day, `1d 2h` beyond; never negative. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 300) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`
  const hours = Math.floor(minutes / 60)
  const rest = hours % 24
  return rest === 0 ? `${Math.floor(hours / 24)}d` : `${Math.floor(hours / 24)}d ${rest}h`
}

/** How old, in words: `2 秒`, `8 分钟`, `3 小时`, `2 天`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return t('age.s', { n: seconds })
  if (seconds < 3600) return t('age.m', { n: Math.floor(seconds / 60) })
  if (seconds < 86400) return t('age.h', { n: Math.floor(seconds / 3600) })
  return t('age.d', { n: Math.floor(seconds / 86400) })
}

/** A whole or decimal number with thousands; "—" for nothing. */
export function number(value: number | null | undefined, decimals?: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return t('none')
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals ?? 0,
    maximumFractionDigits: decimals ?? 2,
  })
}

/** A share 0..1 as `93.1%`; "—" for nothing: no data is not zero. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return t('none')
  const shown = (value * 100).toFixed(1)
  // All but a few is not all: 349 of 350 must not read as every one.
  return `${shown === '100.0' && value < 1 ? '99.9' : shown}%`
}

/** True where the value is a part of one and is shown as a percentage. */
export const isShare = (measure: string, unit: string): boolean => measure === 'share' || unit === '%'

/** A unit as the language at hand writes it: English has no measure words, the label already names the thing counted. */
export const unitWord = (unit: string): string => (language.value === 'en' && /\p{Script=Han}/u.test(unit) ? '' : unit)

/** A figure of an indicator: a share as percent, anything else with its unit behind a thin space. */
export function figure(value: number | null | undefined, unit: string, asShare: boolean): string {
  if (asShare) return share(value)
  if (value === null || value === undefined) return t('none')
  const word = unitWord(unit)
  return word ? `${number(value)}${THIN}${word}` : number(value)
}

/** A signed difference: percentage points for shares, units otherwise; with a true minus sign. */
export function gap(value: number | null | undefined, asShare: boolean): string {
  if (value === null || value === undefined) return t('none')
  const shown = asShare ? (value * 100).toFixed(1) : number(value)
  const plain = shown.replace(/^-/, '')
  if (Number(plain.replaceAll(',', '')) === 0) return plain
  return `${value < 0 ? '\u2212' : '+'}${plain}`
}

/** A number with its unit behind a thin space. */
export const withUnit = (value: number | null | undefined, unit: string): string => figure(value, unit, false)

/** Bytes in the unit a person would choose. */
export function bytes(size: number): string {
  if (size < 1024) return `${size}${THIN}B`
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(0)}${THIN}kB`
  return `${(size / 1024 / 1024).toFixed(1)}${THIN}MB`
}
