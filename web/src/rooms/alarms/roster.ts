/** `08:30–17:30`, over midnight with the word for the next day, and the word for a whole day where it begins and ends alike. */
export function hours(begins: string, ends: string, whole: string, next: string): string {
  const from = begins.slice(0, 5)
  const to = ends.slice(0, 5)
  if (from === to) return from === '00:00' ? whole : `${from}–${next}${to}`
  return `${from}–${to < from ? next : ''}${to}`
}
