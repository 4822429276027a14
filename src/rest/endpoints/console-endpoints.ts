import { NotFoundError } from '../../api/errors.ts'
import { readConsoleFile } from '../console/console-files.ts'
import type { Answer, Endpoint, RestRequest } from '../endpoint.ts'

/** The page runs its own scripts and nothing else: what rows hold can be text only, whatever it looks like. */
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
/** Names of assets change with what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/** The console: a page, and what it is made of. It holds nothing of the worker, so it needs no login; its calls do. */
export function consoleEndpoints(): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/console',
      mediaType: '*/*',
      handle(request) {
        // The page names what belongs to it relative to itself, so that it works below any path.
        if (!request.path.endsWith('/')) return { status: 308, headers: { location: 'console/' } }
        return answer(request, 'index.html', 'no-cache')
      },
    },
    {
      method: 'GET',
      path: '/console/assets/:file',
      mediaType: '*/*',
      handle: (request) => answer(request, `assets/${request.param('file')}`, FOR_EVER),
    },
  ]
}

async function answer({ headers }: RestRequest, name: string, caching: string): Promise<Answer> {
  const takesGzip = /\bgzip\b/.test(headers['accept-encoding'] ?? '')
  const file = await readConsoleFile(name, takesGzip)
  if (file === null) {
    throw new NotFoundError(
      'rest.console-missing',
      `The console has no file ${name}. In a checkout, npm run build:console makes the console`,
    )
  }
  return {
    status: 200,
    bytes: file.bytes,
    headers: {
      ...HEADERS,
      'content-type': file.mediaType,
      'cache-control': caching,
      vary: 'Accept-Encoding',
      ...(file.encoding === null ? {} : { 'content-encoding': file.encoding }),
    },
  }
}
