import { token } from './style'

/** What a pack may name as a type's icon: lines on a 24 × 24 field. */
const DRAWN: Record<string, string> = {
  billboard: 'M3 5h18v9H3zM8 14v6M16 14v6',
  bus: 'M5 5h14v11H5zM5 10h14M8 16v3M16 16v3M8 13h.5M15.500 13h.5',
  bus_stop: 'M7 4h10v7H7zM12 11v9M9 20h6M9.500 7.500h5',
  document: 'M6 3h8l4 4v14H6zM14 3v4h4',
  pin: 'M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11M12 8v4',
  sign: 'M4 6h16v7H4zM8 13v3M16 13v3M7 9.500h10',
  stop_sign: 'M5 3h14v10H5zM8 6.500h8M8 9.500h5M12 13v8M9 21h6',
  street: 'M8 3L5 21M16 3l3 18M12 4v3M12 10.500v3M12 17v3',
}
const SIZE = 20
/** The width of a picture: two pixels for one on the page. */
export const PICTURE = 2 * SIZE

/** The picture of a type of thing, drawn here so that none is fetched: its icon, or else the first letter of its name. */
export function picture(icon: string, name: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = PICTURE
  const pen = canvas.getContext('2d')
  if (!pen) return canvas
  pen.scale(2, 2)
  pen.fillStyle = token('surface')
  pen.beginPath()
  pen.roundRect(1, 1, SIZE - 2, SIZE - 2, 4)
  pen.fill()
  pen.strokeStyle = token('accent')
  pen.lineWidth = 1.25
  pen.stroke()
  const lines = DRAWN[icon]
  if (lines) {
    pen.translate(3, 3)
    pen.scale(14 / 24, 14 / 24)
    pen.lineWidth = 2
    pen.lineCap = pen.lineJoin = 'round'
    pen.stroke(new Path2D(lines))
  } else {
    pen.fillStyle = token('accent')
    pen.font = `600 12px ${getComputedStyle(document.body).fontFamily}`
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    pen.fillText([...name][0] ?? '', SIZE / 2, SIZE / 2 + 0.5)
  }
  return canvas
}

type Drawn = { lines: string; width: number; colour: string; fill?: string }
/**
 * Marks in place of an object's dot, as lines on a 12 × 12 field: few things at whatever zoom; a row in error; a place read in another
 * system; and how a device does, each with a shape of its own, colour only beside it.
 */
export const MARKS = {
  dot: { lines: 'M6 6h.01', width: 6, colour: 'accent' },
  cross: { lines: 'M3 3L9 9M9 3L3 9', width: 2, colour: 'short' },
  plus: { lines: 'M6 2v8M2 6h8', width: 1.5, colour: 'ink' },
  sound: { lines: 'M9 6A3 3 0 1 1 3 6A3 3 0 1 1 9 6Z', width: 1, colour: 'surface', fill: 'accent' },
  failing: { lines: 'M1.500 1.500h9v9h-9ZM6 3.500v3M6 8.500h.01', width: 1.2, colour: 'ink', fill: 'surface' },
  silent: { lines: 'M1.500 1.500h9v9h-9ZM4 4L8 8M8 4L4 8', width: 1, colour: 'surface', fill: 'ink' },
  never: { lines: 'M6 1L11 6L6 11L1 6Z', width: 1, colour: 'text-2', fill: 'surface' },
} as const satisfies Record<string, Drawn>
export type Mark = keyof typeof MARKS
const MARK_SIZE = 14

/** The picture of a mark, with a light edge so that it stands out on any ground. */
export function markPicture(mark: Mark): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 2 * MARK_SIZE
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(2 * MARK_SIZE, 2 * MARK_SIZE)
  const drawn: Drawn = MARKS[mark]
  const lines = new Path2D(drawn.lines)
  pen.scale((2 * MARK_SIZE) / 12, (2 * MARK_SIZE) / 12)
  pen.lineCap = 'round'
  for (const [width, colour] of [[drawn.width + 2, token('surface')], [drawn.width, token(drawn.colour)]] as const) {
    pen.lineWidth = width
    pen.strokeStyle = colour
    pen.stroke(lines)
    if (drawn.fill) {
      pen.fillStyle = token(drawn.fill)
      pen.fill(lines)
    }
  }
  if (drawn.fill) pen.stroke(lines)
  return pen.getImageData(0, 0, 2 * MARK_SIZE, 2 * MARK_SIZE)
}
