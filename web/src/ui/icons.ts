/** Line icons on a 24 × 24 field, stroke 1.75; a rail entry names one. */
export const ICONS = {
  overview: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  plan: 'M12 3a9 9 0 1 0 9 9M12 7.5a4.5 4.5 0 1 0 4.5 4.5M12 12l8-8M16.5 4v3.5H20',
  cases: 'M8 4h8v3H8zM8 5.5H5.5V21h13V5.5H16M8.5 11h7M8.5 14h7M8.5 17h4',
  alarms: 'M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10 20.5h4M12 5V3',
  lifeline: 'M3 14h3l2-7 4 11 3-8 1.5 4H21',
  warnings: 'M7 15a4 4 0 0 1 .5-8A5.5 5.5 0 0 1 18 8.500a3.3 3.3 0 0 1-.5 6.500M9 18l-1 2.500M13 18l-1 2.500M17 18l-1 2.5',
  registers: 'M4 4.500h16v15H4zM4 9.500h16M4 14.500h16M10 4.500v15',
  devices: 'M7 7h10v10H7zM10 10h4v4h-4zM9.5 7V3.500M14.5 7V3.500M9.5 20.500V17M14.5 20.500V17M3.5 9.500H7M3.5 14.500H7M17 9.500h3.500M17 14.500h3.5',
  reports: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  settings: 'M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M15.5 15.500L20 20',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  layers: 'M12 4l9 5-9 5-9-5zM4 13.500l8 4.5 8-4.5',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M6 9l6 6 6-6',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  home: 'M4 11l8-7 8 7M6 9.500V20h12V9.5',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  photo: 'M4 6h4l1.5-2h5L16 6h4v13H4zM12 9a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7',
} as const

export type IconName = keyof typeof ICONS
