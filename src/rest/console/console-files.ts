import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

/** Beside the compiled program; in a checkout, where `npm run build` puts it. */
const PLACES = ['../../console/', '../../../dist/console/'].map((path) => new URL(path, import.meta.url))

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface ConsoleFile {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly encoding: 'gzip' | null
}

/**
 * A file of the console; null: there is none of that name, or the console was not built.
 *
 * @param name `index.html`, or one of `assets`
 * @param takesGzip whether the client does; the build compresses what gets smaller by it
 */
export async function readConsoleFile(name: string, takesGzip: boolean): Promise<ConsoleFile | null> {
  const mediaType = MEDIA_TYPES[extname(name)]
  if (mediaType === undefined || !/^(?:assets\/)?[\w-][\w.-]*$/.test(name)) return null
  if (takesGzip) {
    const bytes = await read(`${name}.gz`)
    if (bytes !== null) return { bytes, mediaType, encoding: 'gzip' }
  }
  const bytes = await read(name)
  return bytes === null ? null : { bytes, mediaType, encoding: null }
}

async function read(name: string): Promise<Buffer | null> {
  for (const place of PLACES) {
    const bytes = await readFile(new URL(name, place)).catch(() => null)
    if (bytes !== null) return bytes
  }
  return null
}
