import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** `npm run build:console` builds it; `npx vite ui` serves it while it is written, with the calls of a worker on port 8083. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative: the worker may be below any path of a proxy.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The content security policy allows no inlined file.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '^/(connectors|connector-plugins|topics|events|health|dead-letters|workers|admin)':
        'http://127.0.0.1:8083',
    },
  },
})
