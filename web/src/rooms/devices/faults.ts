export const FAULTS = ['silent', 'battery', 'drifts', 'unusable', 'flaps', 'mending'] as const
export type Fault = (typeof FAULTS)[number]

export const HOW = ['sound', 'failing', 'silent', 'never'] as const

/** The mark of a device on the map: silent before failing; being mended alone is no fault. */
export function markOf(health: string, faults: readonly string[]): (typeof HOW)[number] {
  if (health === 'silent' || health === 'never') return health
  return faults.some((one) => one !== 'mending') ? 'failing' : 'sound'
}
