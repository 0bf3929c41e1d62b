import type { StreamDef } from '@/api/types'
import { say } from '@/words'
import { w } from './words'

/** Between the codes that a period held. */
export const BETWEEN = ' · '

/** Reported codes with what they mean; a code that the stream does not list is said to be unknown. */
export function codeWords(stream: StreamDef | undefined, codes: string): string {
  const one = (code: string): string => {
    const listed = stream?.codes.find((known) => known.id === code)
    if (listed) return `${code} ${say(listed.label)}`
    return stream?.codes.length ? w('codeUnknown', { code }) : code
  }
  return codes.split(BETWEEN).map(one).join(BETWEEN)
}
