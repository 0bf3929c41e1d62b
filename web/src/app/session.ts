import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, ApiProblem } from '@/api/client'
import type { Me } from '@/api/types'
import { startLive, stopLive } from '@/api/live'
import type { ColumnKept } from '@/ui/columns'
import { language, type Language } from '@/words'
import { settled, wait, waiting } from './chosen'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const asked = ref(false)
  const ended = ref(false)
  /** Writes follow one another, so that the last choice is the one kept. */
  let writing = Promise.resolve()

  function enter(who: Me): void {
    me.value = who
    ended.value = false
    const chosen = waiting(who.code)
    if (chosen) language.value = chosen
    else if (who.language === 'en' || who.language === 'zh') language.value = who.language
    startLive()
    if (chosen) void tell()
  }
  /** Asks once whether the browser still holds a session. */
  async function ask(): Promise<void> {
    try {
      enter(await api.get<Me>('/session'))
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
    }
    asked.value = true
  }
  /** Asks again about the person and the site: posts may have changed, a demonstration may have come. */
  async function refresh(): Promise<void> {
    try {
      me.value = await api.get<Me>('/session')
    } catch (error) {
      // The page goes on with what it knew; a session that is over is told by its next call.
      if (!(error instanceof ApiProblem)) throw error
    }
  }
  async function signIn(username: string, password: string): Promise<void> {
    enter(await api.post<Me>('/session', { username, password }))
  }
  async function signOut(): Promise<void> {
    await api.delete('/session')
    leave()
    ended.value = false
  }
  /** The server no longer knows the session. */
  function leave(): void {
    ended.value = me.value !== null
    me.value = null
    stopLive()
  }
  async function speak(chosen: Language): Promise<void> {
    language.value = chosen
    if (!me.value) return
    wait(me.value.code, chosen)
    await tell()
  }
  let telling: Promise<void> | undefined
  /** Tells the server the language last chosen, one call at a time, so that the last choice is the one that arrives last. */
  function tell(): Promise<void> {
    telling ??= tellAll().finally(() => (telling = undefined))
    return telling
  }
  async function tellAll(): Promise<void> {
    try {
      while (me.value) {
        const { code } = me.value
        const chosen = waiting(code)
        if (!chosen) return
        const answer = await api.patch<Me>('/session', { language: chosen }, { keepalive: true })
        if (me.value?.code === code) me.value = answer
        if (waiting(code) === chosen) settled()
      }
    } catch (error) {
      // The page speaks the language already; the choice stays in the browser and is told again with the next page.
      if (!(error instanceof ApiProblem)) throw error
    }
  }
  /** Keeps how this person wants a list's columns: at once here, and with the account. */
  async function arrange(table: string, columns: ColumnKept[]): Promise<void> {
    if (!me.value) return
    const all = { ...me.value.columns, [table]: columns }
    if (columns.length === 0) delete all[table]
    me.value = { ...me.value, columns: all }
    writing = writing.then(async () => {
      try {
        await api.patch<Me>('/session', { columns: { table, columns } })
      } catch (error) {
        // The order on screen then lasts as long as the page.
        if (!(error instanceof ApiProblem)) throw error
      }
    })
    await writing
  }
  const can = computed(() => (act: string): boolean => !!me.value && (me.value.administrator || me.value.acts.includes(act)))
  /** True while the site holds synthetic rows: the frame then carries its mark. */
  const demonstration = computed(() => me.value?.demonstration ?? false)
  /** The post shown in the header: the first held. */
  const holding = computed(() => me.value?.holdings[0] ?? null)

  return { me, asked, ended, holding, can, demonstration, ask, refresh, signIn, signOut, leave, speak, arrange }
})
