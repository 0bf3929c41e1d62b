import { describe, expect, it } from 'vitest'
import { shownFigures } from './figures'

describe('figures', () => {
  it('stand in reading order with their words; an unknown one keeps its name and comes last', () => {
    const shown = shownFigures({ strange: 'x', accept: 3, n: 80, lot_size: 1204, severity: 'tightened', stopped: false, coverage: 0.5 })
    expect(shown.map((figure) => `${figure.label} ${figure.text}`)).toEqual(['批量 1,204', '样本量 n 80', '接收数 Ac 3', '检验严格度 加严', '暂停 否', '覆盖 50.0%', 'strange x'])
  })
  it('marks what is still to be confirmed', () => {
    expect(shownFigures({ table_confirmed: false })[0]).toMatchObject({ unconfirmed: true, text: '待核' })
    expect(shownFigures({ table_confirmed: true })[0]).toMatchObject({ unconfirmed: false })
  })
})
