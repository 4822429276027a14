// npm run build:docs: builds the pages that the worker serves at /docs to dist/docs. What is there already is not touched.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { docsSite } from './docs-site/docs-site.ts'

const root = new URL('..', import.meta.url)
const place = fileURLToPath(new URL('dist/docs/', root))
const wanted = new Map<string, Uint8Array>()
for (const [target, content] of docsSite(root).files) {
  // Compressed only: the worker unpacks it for whoever takes no gzip. Pictures are compressed as they are.
  if (typeof content !== 'string' && target.endsWith('.png')) wanted.set(target, content)
  else wanted.set(`${target}.gz`, gzipSync(content, { level: 9 }))
}
for (const target of globSync('**/*.*', { cwd: place })) if (!wanted.has(target)) rmSync(`${place}${target}`)
for (const [target, bytes] of wanted) {
  if (isThere(target, bytes)) continue
  mkdirSync(dirname(`${place}${target}`), { recursive: true })
  writeFileSync(`${place}${target}`, bytes)
}

function isThere(target: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(`${place}${target}`).equals(bytes)
  } catch {
    return false
  }
}
