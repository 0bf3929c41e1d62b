/** The formats a register is exported in; `shaped` ones need a geometry. */
export const FORMATS = [
  { id: 'csv', label: 'CSV', shaped: false },
  { id: 'xlsx', label: 'XLSX', shaped: false },
  { id: 'geojson', label: 'GeoJSON', shaped: true },
  { id: 'gpkg', label: 'GeoPackage', shaped: true },
  { id: 'shp', label: 'Shapefile', shaped: true },
] as const
