import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { NotFoundError } from '../../api/errors.ts'
import type { Answer, RestRequest } from '../endpoint.ts'

const unpacked = promisify(gunzip)
/** Beside the compiled program; in a checkout, where `npm run build` puts it. */
const PLACES = ['../../', '../../../dist/'].map((path) => new URL(path, import.meta.url))
/** In a folder or not: no name leads out, and none begins with a dot. */
const NAME = /^(?:[\w-]+\/)?[\w-][\w.-]*$/

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}
/** What pages show of the repository. */
const TEXTS = /^files\//

/** A page runs its own scripts and nothing else: what it shows of others can be text only, whatever it looks like. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export interface ServedFolder {
  /** Within `dist`. */
  readonly name: 'console' | 'docs'
  /** What makes it in a checkout. */
  readonly madeBy: string
}

/**
 * A file that the build made, from disk: the worker keeps none in memory. Throws `rest.file-missing`.
 *
 * @param caching `cache-control`; clients that ask again with its ETag are told that nothing changed
 */
export async function answerFile(
  folder: ServedFolder,
  name: string,
  { request, caching }: { readonly request: RestRequest; readonly caching: string },
): Promise<Answer> {
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const file = await readServedFile(folder.name, name, { takesGzip })
  if (file === null) {
    throw new NotFoundError(
      'rest.file-missing',
      `The ${folder.name} has no file ${name}. In a checkout, ${folder.madeBy} makes what is there`,
    )
  }
  const etag = `"${createHash('sha256').update(file.bytes).digest('base64url').slice(0, 27)}"`
  const headers = {
    ...HEADERS,
    'content-type': file.mediaType,
    'cache-control': caching,
    etag,
    vary: 'Accept-Encoding',
    ...(file.isGzip ? { 'content-encoding': 'gzip' } : {}),
  }
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) ? { status: 304, headers } : { status: 200, bytes: file.bytes, headers }
}

interface ServedFile {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly isGzip: boolean
}

/** Null: there is none of that name, or nothing was built. `takesGzip`: the client does. */
export async function readServedFile(
  folder: ServedFolder['name'],
  name: string,
  { takesGzip, places = PLACES }: { readonly takesGzip: boolean; readonly places?: readonly URL[] },
): Promise<ServedFile | null> {
  const mediaType = TEXTS.test(name) ? 'text/plain; charset=utf-8' : MEDIA_TYPES[extname(name)]
  if (mediaType === undefined || !NAME.test(name)) return null
  for (const place of places) {
    const read = (file: string): Buffer | null => readIfThere(new URL(`${folder}/${file}`, place))
    // What does not get smaller by it is not packed; what does may be there packed alone.
    const packed = read(`${name}.gz`)
    if (packed !== null && takesGzip) return { bytes: packed, mediaType, isGzip: true }
    const bytes = read(name) ?? (packed === null ? null : await unpacked(packed))
    if (bytes !== null) return { bytes, mediaType, isGzip: false }
  }
  return null
}

/**
 * At once: files are small, and each is read in a fraction of a millisecond. Asynchronously it took six turns through
 * the thread pool, 50 ms a file on a busy worker, while the page waits.
 */
function readIfThere(file: URL): Buffer | null {
  try {
    return readFileSync(file)
  } catch {
    return null
  }
}
