/** A column of a DataTable; `sort` is the name the server sorts by, and makes the head a button. */
export interface Column {
  key: string
  label: string
  align?: 'left' | 'right'
  width?: string
  mono?: boolean
  /** Takes the room that is left; its text is cut only when there is none. */
  grow?: boolean
  sort?: string
  /** What a screen reader hears in place of an empty head. */
  spoken?: string
}
