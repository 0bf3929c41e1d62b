import { t } from '@/words'
import { rail } from './rooms'

/** One line of the command palette. */
export interface Command {
  id: string
  group: string
  title: string
  /** The key that does the same, where there is one. */
  keys: string
  /** Why it cannot be done now; "" where it can. */
  locked: string
  run: () => void
}

/** The acts a page offers are its buttons: the palette lists them with their keys and, for those locked, the reason. */
export function actsOf(page: ParentNode): Command[] {
  const seen = new Set<string>()
  return [...page.querySelectorAll<HTMLButtonElement>('button.act')].flatMap((button, index) => {
    // A button of a row acts on that row only, and rows have keys of their own.
    if (button.closest('td, li, [role="dialog"]') || button.offsetParent === null) return []
    const keys = button.querySelector('kbd')?.textContent ?? ''
    const locked = button.getAttribute('aria-disabled') === 'true' ? (button.title || t('command.busy')) : ''
    const title = [...button.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join('').trim()
    if (!title || seen.has(title)) return []
    seen.add(title)
    return [{ id: `act-${index}`, group: t('command.acts'), title, keys, locked, run: () => button.click() }]
  })
}

export const roomsAs = (go: (to: string) => void): Command[] =>
  rail.map((entry) => ({ id: `room-${entry.to}`, group: t('command.rooms'), title: entry.label(), keys: `g ${entry.key}`, locked: '', run: () => go(entry.to) }))

/** Those whose title holds every word typed, in either case. */
export function matching(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
}
