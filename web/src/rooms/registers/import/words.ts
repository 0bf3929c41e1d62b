import { words } from '@/words'

export const i = words({ zh: { title: '导入台账' }, en: { title: 'Import' } })
