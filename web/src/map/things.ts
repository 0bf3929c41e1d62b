/** What a map can show; ids are those of the lists beside it, so that a selection is one. */
export interface MapAlarm {
  id: string
  grade: number
  lon: number
  lat: number
  label: string
}
export interface MapCase {
  id: string
  lon: number
  lat: number
  overdue: boolean
  label: string
}
export interface TownCases {
  area_path: string
  open: number
  overdue: number
  lon: number
  lat: number
}
export interface TownValue {
  area_path: string
  value: number | null
  text: string
}
export type MapKind = 'alarm' | 'case' | 'object' | 'town'
export interface MapPick {
  kind: MapKind
  id: string
}
/** Where the map stands; worth keeping in the address. */
export interface MapView {
  lon: number
  lat: number
  zoom: number
}
