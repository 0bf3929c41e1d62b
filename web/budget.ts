import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

type Part = Rollup.OutputChunk | Rollup.OutputAsset

/** Bytes after gzip that each part may weigh; what a first visit loads is the frame and the overview, without map and charts. */
export const MOST = { first: 400_000, map: 450_000, charts: 450_000 }

const textOf = (part: Part): string | Uint8Array => (part.type === 'chunk' ? part.code : part.source)
const weight = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + gzipSync(textOf(part), { level: 9 }).length, 0)

/** The file and all it imports at once, with their style sheets. */
function withImports(bundle: Rollup.OutputBundle, starts: readonly string[]): Part[] {
  const found = new Set<string>()
  const waiting = [...starts]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const part = bundle[name]
    if (!part || found.has(name)) continue
    found.add(name)
    if (part.type === 'chunk') waiting.push(...part.imports, ...(part.viteMetadata?.importedCss ?? []))
  }
  return [...found].flatMap((name) => bundle[name] ?? [])
}

/** What each budgeted part of a build weighs. */
export function weights(bundle: Rollup.OutputBundle): Record<keyof typeof MOST, number> {
  const parts = Object.values(bundle)
  const chunks = parts.filter((part) => part.type === 'chunk')
  const first = chunks.filter((chunk) => chunk.isEntry || chunk.facadeModuleId?.endsWith('/rooms/cockpit/Cockpit.vue')).map((chunk) => chunk.fileName)
  return {
    first: weight(withImports(bundle, first)),
    map: weight([...withImports(bundle, chunks.filter((chunk) => chunk.name === 'map').map((chunk) => chunk.fileName)), ...parts.filter((part) => /maplibre-gl-worker/.test(part.fileName))]),
    charts: weight(withImports(bundle, chunks.filter((chunk) => chunk.name === 'charts').map((chunk) => chunk.fileName))),
  }
}

/** Fails the build that outgrows its budget, and says what each part weighs. */
export const budget: Plugin = {
  name: 'budget',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [name, bytes] of Object.entries(weights(bundle)) as [keyof typeof MOST, number][]) {
        const words = `${name}: ${(bytes / 1000).toFixed(1)} of ${MOST[name] / 1000} kB after gzip`
        if (bytes === 0) this.error(`${name}: not found in the build, so it cannot be weighed`)
        if (bytes > MOST[name]) this.error(words)
        this.info(words)
      }
    },
  },
}
