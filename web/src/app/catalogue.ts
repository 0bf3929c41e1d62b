import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api } from '@/api/client'
import { named } from '@/words'
import type { AreaRow, CaseTypeDef, CatalogueView, IndicatorDef, Label, ObjectTypeDef, RuleDef, UnitRow } from '@/api/types'

/** What the packs declare and the areas and units of the city: fetched once, everything generic is drawn from it. */
export const useCatalogue = defineStore('catalogue', () => {
  const view = shallowRef<CatalogueView | null>(null)
  const areas = shallowRef<AreaRow[]>([])
  const units = shallowRef<UnitRow[]>([])
  let under: Promise<void> | undefined

  async function fetchAll(): Promise<void> {
    const [catalogue, district, towns, unitRows] = await Promise.all([
      api.get<CatalogueView>('/catalog'),
      api.get<AreaRow[]>('/areas', { level: 'district' }),
      api.get<AreaRow[]>('/areas', { level: 'town' }),
      api.get<UnitRow[]>('/units'),
    ])
    view.value = catalogue
    areas.value = [...district, ...towns]
    units.value = unitRows
  }
  /** Fetches once; later calls wait for the same answer, a failed one may be tried again. */
  function ready(): Promise<void> {
    under ??= fetchAll().catch((error: unknown) => {
      under = undefined
      throw error
    })
    return under
  }
  const byId = <T extends { id: string }>(rows: T[] | undefined): Map<string, T> => new Map((rows ?? []).map((row) => [row.id, row]))
  const objectTypes = computed<Map<string, ObjectTypeDef>>(() => byId(view.value?.object_types))
  const caseTypes = computed<Map<string, CaseTypeDef>>(() => byId(view.value?.case_types))
  const rules = computed<Map<string, RuleDef>>(() => byId(view.value?.rules))
  const indicators = computed<Map<string, IndicatorDef>>(() => byId(view.value?.indicators))
  const posts = computed(() => byId(view.value?.posts))
  const district = computed(() => areas.value.find((area) => area.level === 'district') ?? null)
  const towns = computed(() => areas.value.filter((area) => area.level === 'town'))

  const packs = computed(() => byId(view.value?.packs))
  /** The name of a pack; none for the shared registers. */
  const packTitle = (pack: string): Label | null => packs.value.get(pack)?.title ?? null
  /** What an indicator counts: things, cases or items of rounds. */
  const counted = (of: string): Label | null =>
    (objectTypes.value.get(of) ?? caseTypes.value.get(of) ?? view.value?.rounds.find((round) => round.id === of))?.label ?? null

  /** An area's name in the current language; deeper areas are known only by the row that carries them. */
  function areaName(row: { area_path: string; area_name: string }): string {
    return named(areas.value.find((area) => area.path === row.area_path)) || row.area_name
  }
  /** The name of the town a row lies in, however deep its own area is; the row's own name where there is none. */
  function townName(row: { area_path: string; area_name: string }): string {
    return named(towns.value.find((town) => row.area_path.startsWith(town.path))) || row.area_name
  }
  function unitName(row: { unit_code: string; unit_name: string }): string {
    return named(units.value.find((unit) => unit.code === row.unit_code)) || row.unit_name
  }

  return { packTitle, counted, areaName, townName, unitName, view, areas, units, ready, objectTypes, caseTypes, rules, indicators, posts, district, towns }
})
