import type { TargetView } from '@/api/types'

/** True where a value falls short of a bound; without a value or a figure nothing falls short. */
export function short(value: number | null, bound: TargetView['bound'], figure: number | null): boolean {
  if (value === null || figure === null) return false
  switch (bound) {
    case '≥':
      return value < figure
    case '>':
      return value <= figure
    case '≤':
      return value > figure
    case '=':
      return value !== figure
    case '':
      return false
  }
}
