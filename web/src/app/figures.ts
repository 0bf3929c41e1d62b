import type { TargetView } from '@/api/types'
import { figure, gap, isShare, number, share } from '@/ui/fmt'
import { t } from '@/words'
import { useCatalogue } from './catalogue'

/** How the figures of plan targets are written: shares as percent, the rest with their unit. */
export function useFigures() {
  const catalogue = useCatalogue()
  const asShare = (target: TargetView): boolean => isShare(catalogue.indicators.get(target.indicator)?.measure ?? '', target.unit)
  const unit = (target: TargetView): string => target.unit

  return {
    asShare,
    value: (target: TargetView): string => figure(target.value, unit(target), asShare(target)),
    /** `≥ 95%`; "" where the plan names no figure. */
    bound: (target: TargetView): string => {
      if (target.figure === null) return ''
      const shown = asShare(target) ? share(target.figure).replace('.0%', '%') : figure(target.figure, unit(target), false)
      return `${target.bound}\u202f${shown}`
    },
    gap: (target: TargetView): string => gap(target.gap, asShare(target)),
    fraction: (row: { numerator: number | null; denominator: number | null }): string =>
      row.numerator === null ? '' : row.denominator === null ? number(row.numerator) : t('unit.of', { n: number(row.numerator), d: number(row.denominator) }),
  }
}
