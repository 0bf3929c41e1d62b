import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, URL } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { budget } from './budget'

const api = process.env.XIUHUA_API ?? 'http://localhost:8750'

/** Lays a brotli and a gzip copy beside every text file of the build: the server picks one and compresses nothing itself. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle)) {
      if (!/\.(js|mjs|css|svg)$/.test(name)) continue
      const file = join(dir ?? '', name)
      const text = readFileSync(file)
      if (text.length < 1024) continue
      writeFileSync(`${file}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }))
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
    }
  },
}

export default defineConfig({
  plugins: [vue(), budget, compressed],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, strictPort: true, proxy: { '/api': { target: api, changeOrigin: false } } },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    // A running site serves the folder: what open pages still load stays until the launcher takes it away.
    emptyOutDir: false,
    // The map is one library of about 1 MB before compression and is loaded only by pages that show one.
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (id.includes('maplibre-gl')) return 'map'
          if (id.includes('echarts') || id.includes('zrender')) return 'charts'
          return undefined
        },
      },
    },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'], css: false },
})
