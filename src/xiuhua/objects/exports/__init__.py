"""Rows of a register as a file: CSV, XLSX, GeoJSON, GeoPackage, Shapefile."""
