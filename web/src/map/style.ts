import type { FilterSpecification, StyleSpecification } from 'maplibre-gl'
import type { Ground } from './ground'

/** A colour of the current theme. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const NOTHING = { type: 'FeatureCollection' as const, features: [] }

/** From here on a point is drawn as its type's icon; below it is a dot. */
export const ICON_ZOOM = 14
/** Before a type's id: the name of its picture. */
export const KIND = 'kind '
/** Before the name of a mark that a feature asks for by its property `mark`, in place of the dot. */
export const MARK = 'mark '
const PLAIN_POINT = ['all', ['==', ['geometry-type'], 'Point'], ['!', ['has', 'mark']]] as const satisfies FilterSpecification


/** The whole style, from our own areas: no tiles, no glyphs, no sprites, nothing from outside. */
export function style(ground: Ground): StyleSpecification {
  const accent = token('accent')
  const ink = token('ink')
  const surface = token('surface')
  return {
    version: 8,
    sources: {
      district: { type: 'geojson', data: ground.district },
      towns: { type: 'geojson', data: ground.towns, promoteId: 'code' },
      objects: { type: 'geojson', data: NOTHING, promoteId: 'id' },
      cases: { type: 'geojson', data: NOTHING, promoteId: 'id' },
      chosen: { type: 'geojson', data: NOTHING },
    },
    layers: [
      { id: 'out', type: 'background', paint: { 'background-color': token('out') } },
      { id: 'land', type: 'fill', source: 'district', paint: { 'fill-color': token('land') } },
      { id: 'values', type: 'fill', source: 'towns', layout: { visibility: 'none' }, paint: { 'fill-color': token('land') } },
      { id: 'values-none', type: 'fill', source: 'towns', layout: { visibility: 'none' }, paint: { 'fill-pattern': 'hatch' } },
      {
        id: 'town-lines', type: 'line', source: 'towns',
        paint: { 'line-color': token('town-line'), 'line-width': 1, ...(ground.synthetic ? { 'line-dasharray': [4, 3] } : {}) },
      },
      { id: 'district-line', type: 'line', source: 'district', paint: { 'line-color': token('district-line'), 'line-width': 1.5 } },
      { id: 'object-areas', type: 'fill', source: 'objects', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': accent, 'fill-opacity': 0.18 } },
      { id: 'object-lines', type: 'line', source: 'objects', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': accent, 'line-width': 2 } },
      {
        id: 'object-points', type: 'circle', source: 'objects', filter: PLAIN_POINT,
        paint: {
          'circle-color': accent, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 12, 1.5, 14, 3],
          'circle-stroke-color': surface, 'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 12, 0, 14, 1],
          // Thousands of dots over a whole district are its ground, not its news.
          'circle-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.45, 13, 1],
        },
      },
      // An icon that finds no room leaves its dot: nothing vanishes in a crowd.
      {
        id: 'object-icons', type: 'symbol', source: 'objects', minzoom: ICON_ZOOM, filter: ['all', PLAIN_POINT, ['has', 'type']],
        layout: { 'icon-image': ['concat', KIND, ['get', 'type']], 'icon-padding': 1 },
      },
      {
        id: 'object-marks', type: 'symbol', source: 'objects', filter: ['has', 'mark'],
        layout: {
          'icon-image': ['concat', MARK, ['get', 'mark']], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
          // What fails lies above what is sound.
          'symbol-sort-key': ['match', ['get', 'mark'], 'silent', 3, 'failing', 2, 'never', 1, 0],
        },
      },
      {
        id: 'case-points', type: 'circle', source: 'cases', layout: { visibility: 'none' },
        paint: { 'circle-color': ['case', ['get', 'overdue'], ink, surface], 'circle-radius': 5, 'circle-stroke-color': ink, 'circle-stroke-width': 1.5 },
      },
      { id: 'chosen-line', type: 'line', source: 'chosen', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': accent, 'line-width': 4 } },
      {
        id: 'chosen', type: 'circle', source: 'chosen', filter: ['==', ['geometry-type'], 'Point'],
        paint: { 'circle-color': 'rgba(0,0,0,0)', 'circle-radius': 13, 'circle-stroke-color': accent, 'circle-stroke-width': 3 },
      },
    ],
  }
}

/** The hatch of "no data", drawn here so that no picture is fetched. */
export function hatch(): ImageData {
  const size = 8
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(size, size)
  pen.strokeStyle = token('hatch')
  pen.lineWidth = 1.2
  for (const shift of [-size, 0, size]) {
    pen.beginPath()
    pen.moveTo(shift, size)
    pen.lineTo(shift + size, 0)
    pen.stroke()
  }
  return pen.getImageData(0, 0, size, size)
}

/** Six steps of one hue; `step` 0 lowest to 5 highest. */
export const sequential = (): string[] => [0, 1, 2, 3, 4, 5].map((step) => token(`seq-${step}`))

/** Which of six equal steps a value falls in between the lowest and the highest shown. */
export function stepOf(value: number, low: number, high: number): number {
  if (high <= low) return 3
  return Math.max(0, Math.min(5, Math.floor(((value - low) / (high - low)) * 6)))
}
