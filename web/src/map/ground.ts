import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import { api } from '@/api/client'

export interface AreaProperties {
  code: string
  name: string
  level: string
  synthetic: boolean
}
export type AreaFeature = Feature<Polygon | MultiPolygon, AreaProperties>
export type Bounds = [west: number, south: number, east: number, north: number]

export interface Town {
  code: string
  synthetic: boolean
  centre: [number, number]
  bounds: Bounds
}
export interface Ground {
  district: FeatureCollection<Polygon | MultiPolygon, AreaProperties>
  towns: FeatureCollection<Polygon | MultiPolygon, AreaProperties>
  bounds: Bounds
  places: Map<string, Town>
  synthetic: boolean
}

const rings = (geometry: Polygon | MultiPolygon): Position[][] =>
  geometry.type === 'Polygon' ? geometry.coordinates.slice(0, 1) : geometry.coordinates.map((polygon) => polygon[0] ?? [])

/** The bounding box of areas in degrees; null for none. */
export function boundsOf(features: readonly AreaFeature[]): Bounds | null {
  let box: Bounds | null = null
  for (const feature of features) {
    for (const ring of rings(feature.geometry)) {
      for (const [x = 0, y = 0] of ring) {
        box = box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y]
      }
    }
  }
  return box
}

/** The centre of area of the largest ring (shoelace formula), for a name to stand at. */
export function centreOf(geometry: Polygon | MultiPolygon): [number, number] {
  let best: { area: number; at: [number, number] } = { area: -1, at: [0, 0] }
  for (const ring of rings(geometry)) {
    const [ox = 0, oy = 0] = ring[0] ?? []
    let twice = 0
    let cx = 0
    let cy = 0
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [x0 = 0, y0 = 0] = ring[i] ?? []
      const [x1 = 0, y1 = 0] = ring[i + 1] ?? []
      const cross = (x0 - ox) * (y1 - oy) - (x1 - ox) * (y0 - oy)
      twice += cross
      cx += (x0 + x1 - 2 * ox) * cross
      cy += (y0 + y1 - 2 * oy) * cross
    }
    if (Math.abs(twice) > best.area && twice !== 0) best = { area: Math.abs(twice), at: [ox + cx / (3 * twice), oy + cy / (3 * twice)] }
  }
  return best.at
}

let under: Promise<Ground> | undefined

async function fetchGround(): Promise<Ground> {
  const [district, towns] = await Promise.all([
    api.get<Ground['district']>('/areas.geojson', { level: 'district' }),
    api.get<Ground['towns']>('/areas.geojson', { level: 'town' }),
  ])
  const places = new Map<string, Town>()
  for (const feature of towns.features) {
    const bounds = boundsOf([feature])
    if (bounds) places.set(feature.properties.code, { code: feature.properties.code, synthetic: feature.properties.synthetic, centre: centreOf(feature.geometry), bounds })
  }
  return {
    district,
    towns,
    bounds: boundsOf(district.features) ?? boundsOf(towns.features) ?? [121.02, 30.9, 121.4, 31.18],
    places,
    synthetic: towns.features.some((feature) => feature.properties.synthetic),
  }
}

/** The ground of every map: district and towns from our own data, fetched once. */
export function ground(): Promise<Ground> {
  under ??= fetchGround().catch((error: unknown) => {
    under = undefined
    throw error
  })
  return under
}

/** The town code at the end of an area path ("310117/310117103/…" gives "310117103"). */
export const townOf = (areaPath: string): string => areaPath.split('/').find((code) => code.length === 9) ?? ''
