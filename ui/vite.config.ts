import react from '@vitejs/plugin-react'
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite'

/** What the first page needs and the browser would find out later: all but the small part that it begins with. */
const preloads: Plugin = {
  name: 'preloads',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) =>
      Object.values(bundle).flatMap((file): HtmlTagDescriptor[] => {
        const link = (attrs: Record<string, string>): HtmlTagDescriptor => ({
          tag: 'link',
          attrs: { ...attrs, crossorigin: true, href: `./${file.fileName}` },
          injectTo: 'head',
        })
        if (file.type === 'chunk') return file.name === 'render' ? [link({ rel: 'modulepreload' })] : []
        if (!/inter-latin-wght-normal.*\.woff2$/.test(file.fileName)) return []
        return [link({ rel: 'preload', as: 'font', type: 'font/woff2' })]
      }),
  },
}

/** `npm run build:console` builds it; `npx vite ui` serves it while it is written, with the calls of a worker on port 8083. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative: the worker may be below any path of a proxy.
  base: './',
  plugins: [react(), preloads],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The content security policy allows no inlined file.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
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
