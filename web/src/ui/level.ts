/** Danger levels 1 (gravest) to 4: one shape and numeral each, in list, map, chart and message alike. */
export type Level = 1 | 2 | 3 | 4

export const LEVELS: readonly Level[] = [1, 2, 3, 4]
export const NUMERALS: Record<Level, string> = { 1: 'Ⅰ', 2: 'Ⅱ', 3: 'Ⅲ', 4: 'Ⅳ' }
const LATIN: Record<Level, string> = { 1: 'I', 2: 'II', 3: 'III', 4: 'IV' }

export const SHAPES: Record<Level, string> = {
  1: 'M12 2.5L22.5 21h-21z',
  2: 'M12 1.5L22.5 12 12 22.5 1.5 12z',
  3: 'M3.5 3.500h17v17h-17z',
  4: 'M12 2.500a9.5 9.5 0 1 0 0 19a9.5 9.5 0 0 0 0-19z',
}

/** The level of a grade number as the server sends it; anything unknown is the lowest, never invisible. */
export function levelOf(grade: number | null | undefined): Level {
  return grade === 1 || grade === 2 || grade === 3 ? grade : 4
}

/** The inside of the mark as SVG text, for places outside a template (map markers). */
export function levelSvg(level: Level, size: number): string {
  const numeral =
    size >= 19
      ? `<text x="12" y="${level === 1 ? 18.5 : 16}" text-anchor="middle" font-size="${level === 3 || level === 4 ? 10 : 8.5}" font-weight="600" font-family="Georgia,'Times New Roman',serif" fill="var(--l${level}-ink)">${LATIN[level]}</text>`
      : ''
  return `<svg width="${size}" height="${size}" viewBox="0 0 24 24" aria-hidden="true"><path d="${SHAPES[level]}" fill="var(--l${level}-fill)" stroke="var(--l${level}-edge, var(--l${level}))" stroke-width="1"/>${numeral}</svg>`
}

export const latinNumeral = (level: Level): string => LATIN[level]
