import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const api = process.env.XIUHUA_API ?? 'http://localhost:8750'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, strictPort: true, proxy: { '/api': { target: api, changeOrigin: false } } },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
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
