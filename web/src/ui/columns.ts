import type { InjectionKey } from 'vue'
import type { Column } from './table'

/** One column as a person wants it; `width` in px, null for as wide as it comes. */
export interface ColumnKept {
  key: string
  shown: boolean
  width: number | null
}
/** Where the wanted columns are kept: the frame gives it, a table outside a frame shows its columns as they come. */
export interface ColumnKeeper {
  /** The page's own name, for its one table that has no name. */
  page: () => string
  of: (table: string) => readonly ColumnKept[]
  keep: (table: string, columns: ColumnKept[]) => void
}
export const COLUMN_KEEPER: InjectionKey<ColumnKeeper> = Symbol('columns')
export const NARROWEST = 40
export const WIDEST = 1200

export type Arranged = Column & { shown: boolean; wanted: number | null }

/** The columns in the wanted order; one that nobody has arranged yet stands behind the one it comes after. */
export function arrange(columns: readonly Column[], kept: readonly ColumnKept[]): Arranged[] {
  const byKey = new Map(columns.map((column) => [column.key, column]))
  const arranged = kept.flatMap(({ key, shown, width }): Arranged[] => {
    const column = byKey.get(key)
    return column ? [{ ...column, shown, wanted: width }] : []
  })
  columns.forEach((column, at) => {
    if (kept.some(({ key }) => key === column.key)) return
    const before = columns[at - 1]
    arranged.splice(before ? arranged.findIndex(({ key }) => key === before.key) + 1 : 0, 0, { ...column, shown: true, wanted: null })
  })
  return arranged
}

/** What is to be kept of an arrangement; columns that this look of the list lacks stay as they were. */
export function toKeep(arranged: readonly Arranged[], kept: readonly ColumnKept[]): ColumnKept[] {
  const now = arranged.map(({ key, shown, wanted }) => ({ key, shown, width: wanted }))
  return [...now, ...kept.filter(({ key }) => !now.some((column) => column.key === key))]
}

export const withinBounds = (width: number): number => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))
