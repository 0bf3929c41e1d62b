import { computed, ref, shallowRef, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import { api, ApiProblem } from '@/api/client'
import type { AlarmRow } from '@/api/types'
import { useCatalogue } from '@/app/catalogue'
import { place } from '@/app/places'
import { useSession } from '@/app/session'
import { w } from './words'

export type SheetKind = 'shelve' | 'close' | 'split'
/** What may be done to an alarm; the list, the page and the keys all act through this, on one alarm at a time. */
export interface AlarmActs {
  problem: Ref<string>
  sheet: Ref<{ one: AlarmRow; kind: SheetKind } | null>
  busy: Ref<string>
  /** Why this person may do nothing here; "" where it may. */
  locked: Ref<string>
  confirm: (one: AlarmRow) => void
  shelve: (one: AlarmRow) => void
  close: (one: AlarmRow) => void
  split: (one: AlarmRow) => void
  toCase: (one: AlarmRow) => void
  toCaseLocked: (one: AlarmRow) => string
}

export function useAlarmActs(changed: () => Promise<void>): AlarmActs {
  const catalogue = useCatalogue()
  const session = useSession()
  const router = useRouter()
  const problem = ref('')
  const busy = ref('')
  const sheet = shallowRef<AlarmActs['sheet']['value']>(null)
  const locked = computed(() => (session.can('handle_alarm') ? '' : w('noAct')))
  const open = (one: AlarmRow): boolean => one.state !== 'closed'

  async function send(one: AlarmRow, verb: string): Promise<void> {
    problem.value = ''
    busy.value = one.id
    try {
      await api.post(`/alarms/${one.id}/${verb}`, {})
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      problem.value = error.message
    }
    busy.value = ''
    await changed()
  }
  const toCaseLocked = (one: AlarmRow): string => locked.value || (catalogue.rules.get(one.rule)?.opens ? '' : w('noCase'))
  return {
    problem, sheet, busy, locked, toCaseLocked,
    confirm(one) {
      if (!locked.value && one.state === 'raised' && busy.value !== one.id) void send(one, 'acknowledge')
    },
    shelve(one) {
      if (!locked.value && open(one)) sheet.value = { one, kind: 'shelve' }
    },
    close(one) {
      if (!locked.value && open(one)) sheet.value = { one, kind: 'close' }
    },
    split(one) {
      if (!locked.value && open(one)) sheet.value = { one, kind: 'split' }
    },
    toCase(one) {
      if (one.case_id) void router.push(place.case(one.case_id))
      else if (open(one) && !toCaseLocked(one)) void send(one, 'to-case')
    },
  }
}
