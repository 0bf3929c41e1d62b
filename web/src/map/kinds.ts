import { token, type Mark } from './style'

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

/** The mark of how a thing does: each state has a shape of its own, colour only beside it. */
export function markOf(mark: Mark): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = PICTURE
  const pen = canvas.getContext('2d')
  if (!pen) return canvas
  pen.scale(2, 2)
  pen.translate(SIZE / 2, SIZE / 2)
  pen.lineWidth = 1.5
  const [path, fill, line] = {
    sound: ['M4 0A4 4 0 1 1 -4 0A4 4 0 1 1 4 0Z', 'accent', 'surface'],
    failing: ['M0 -7L7 6H-7Z', 'l3-fill', 'ink'],
    silent: ['M-6 -6H6V6H-6ZM-3 -3L3 3M3 -3L-3 3', 'l1-fill', 'l1-ink'],
    never: ['M0 -6L6 0L0 6L-6 0Z', 'surface', 'text-2'],
  }[mark] as [string, string, string]
  pen.fillStyle = token(fill)
  pen.strokeStyle = token(line)
  pen.fill(new Path2D(path))
  pen.stroke(new Path2D(path))
  return canvas
}

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
