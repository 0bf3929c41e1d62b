import { describe, expect, it } from 'vitest'
import { en } from './en'
import { fill, language, say, words } from './index'
import { zh } from './zh'

const tables = import.meta.glob<string>('../rooms/*/words.ts', { eager: true, query: '?raw', import: 'default' })

const parameters = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

describe('words', () => {
  it('have the same keys and parameters in both languages, and none is empty', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const [key, text] of Object.entries(zh)) {
      expect(text, key).not.toBe('')
      expect(parameters(en[key as keyof typeof zh]), key).toEqual(parameters(text))
    }
  })
  it('keep to the tone of the house', () => {
    for (const text of [...Object.values(zh), ...Object.values(en), ...Object.values(tables)]) {
      expect(text).not.toMatch(/系统异常|请输入|请选择|！/)
    }
  })
  it('fill parameters and leave unknown ones visible', () => {
    expect(fill('第 {from}–{to} 行', { from: 1 })).toBe('第 1–{to} 行')
  })
  it('cannot be given in one language alone', () => {
    // @ts-expect-error a key that English lacks must not pass the type check
    expect(words({ zh: { a: '甲', b: '乙' }, en: { a: 'A' } })).toBeTypeOf('function')
  })
  it('follow the language', () => {
    const w = words({ zh: { a: '甲' }, en: { a: 'A' } })
    expect(w('a')).toBe('甲')
    language.value = 'en'
    expect(w('a')).toBe('A')
    expect(say({ zh: '井盖', en: '' })).toBe('井盖')
    language.value = 'zh'
  })
})
