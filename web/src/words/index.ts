import { ref, watch } from 'vue'
import type { Label } from '@/api/types'
import { en } from './en'
import { zh } from './zh'

export type Language = 'zh' | 'en'
export type Params = Record<string, string | number>

const KEPT = 'xiuhua.language'

function initial(): Language {
  try {
    const kept = localStorage.getItem(KEPT)
    if (kept === 'zh' || kept === 'en') return kept
  } catch {
    // Storage may be closed to the page; the language then lasts as long as the page.
  }
  return 'zh'
}

export const language = ref<Language>(initial())

watch(
  language,
  (now) => {
    document.documentElement.lang = now === 'zh' ? 'zh-CN' : 'en'
    try {
      localStorage.setItem(KEPT, now)
    } catch {
      // As above.
    }
  },
  { immediate: true },
)

/** Puts `{name}` parameters into a sentence; a parameter that is not given stays visible. */
export function fill(sentence: string, params: Params = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}

/** Makes the reader of one table of words; the type holds both languages to the same keys. */
export function words<K extends string>(table: { zh: Record<K, string>; en: Record<NoInfer<K>, string> }) {
  return (key: K, params?: Params): string => fill(table[language.value][key], params)
}

/** Words of the frame and of the shared components. */
export const t = words({ zh, en })

/** The current language's side of a label that the server sent. */
export function say(label: Label | null | undefined): string {
  return label ? label[language.value] || label.zh : ''
}

/** The name of an area or unit row, which carries both languages as columns. */
export function named(row: { name: string; name_en: string } | null | undefined): string {
  if (!row) return ''
  return language.value === 'en' && row.name_en ? row.name_en : row.name
}

const PINYIN = new Intl.Collator('zh-Hans-CN-u-co-pinyin')
/** Sorts Chinese by pinyin. */
export const byPinyin = (a: string, b: string): number => PINYIN.compare(a, b)
