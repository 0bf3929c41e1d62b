import { describe, expect, it } from 'vitest'
import type { StreamDef } from '@/api/types'
import { codeWords } from './codes'

describe('codeWords', () => {
  const fault = { codes: [{ id: 'E3', label: { zh: '供电故障', en: 'Power failed' } }] } as StreamDef
  it('says what a code means, and that a code is unknown', () => {
    expect(codeWords(fault, 'E3')).toBe('E3 供电故障')
    expect(codeWords(fault, 'ZZ9')).toBe('ZZ9（未登记的代码）')
    expect(codeWords(fault, 'E3 · ZZ9')).toBe('E3 供电故障 · ZZ9（未登记的代码）')
  })
  it('leaves the codes of a stream without a list as they are', () => {
    expect(codeWords({ codes: [] as StreamDef['codes'] } as StreamDef, 'ok')).toBe('ok')
    expect(codeWords(undefined, 'ok')).toBe('ok')
  })
})
