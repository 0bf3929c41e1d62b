import { createRouter, createWebHistory, type LocationQuery, type Router } from 'vue-router'
import { t } from '@/words'
import { rooms } from './rooms'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** The page's name for the window title. */
    title?: () => string
    /** True for pages shown without signing in and without the frame. */
    bare?: boolean
    /** The rail entry a page belongs to, where its path does not say so. */
    room?: string
  }
}

/** Query parameters that go along from page to page: the area in scope and the wall. */
const STICKY = ['area', 'wall'] as const
let sticky: Partial<Record<(typeof STICKY)[number], string>> = {}

/** Lets a sticky parameter go, before navigating to an address without it. */
export function forget(name: (typeof STICKY)[number]): void {
  delete sticky[name]
}

function carried(query: LocationQuery): LocationQuery | null {
  const missing = Object.entries(sticky).filter(([name]) => !(name in query))
  return missing.length > 0 ? { ...query, ...Object.fromEntries(missing) } : null
}

export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/'),
    routes: [
      { path: '/sign-in', name: 'sign-in', component: () => import('./SignIn.vue'), meta: { bare: true, title: () => t('signIn.title') } },
      ...rooms.flatMap((room) => room.routes),
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFound.vue'), meta: { title: () => t('notFound.title') } },
    ],
  })
  router.beforeEach(async (to) => {
    const session = useSession()
    if (!session.asked) await session.ask()
    if (!to.meta.bare && !session.me) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    if (to.name === 'sign-in' && session.me) return typeof to.query.to === 'string' ? to.query.to : '/'
    if (to.meta.bare) return true
    const query = carried(to.query)
    return query ? { path: to.path, query, hash: to.hash } : true
  })
  router.afterEach((to) => {
    document.title = to.meta.title ? t('title.page', { page: to.meta.title() }) : t('product')
    if (to.meta.bare) return
    sticky = {}
    for (const name of STICKY) {
      const value = to.query[name]
      if (typeof value === 'string' && value) sticky[name] = value
    }
  })
  return router
}
