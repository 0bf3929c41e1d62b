import type { Language } from '@/words'

const KEPT = 'xiuhua.language.chosen'
let kept = read()

function read(): string {
  try {
    return localStorage.getItem(KEPT) ?? ''
  } catch {
    // Storage may be closed to the page; a choice then waits as long as the page.
    return ''
  }
}

function keep(text: string): void {
  kept = text
  try {
    if (text) localStorage.setItem(KEPT, text)
    else localStorage.removeItem(KEPT)
  } catch {
    // As above.
  }
}

/** Keeps a language that a person chose until the server has confirmed it, also over the page's end. */
export function wait(person: string, language: Language): void {
  keep(`${language} ${person}`)
}

/** The language that this person chose and the server has not confirmed. */
export function waiting(person: string): Language | null {
  if (kept === `en ${person}`) return 'en'
  return kept === `zh ${person}` ? 'zh' : null
}

export function settled(): void {
  keep('')
}
