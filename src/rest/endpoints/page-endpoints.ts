import type { Answer, Endpoint, RestRequest } from '../endpoint.ts'
import { answerFile, type ServedFolder } from '../files/served-files.ts'

const CONSOLE: ServedFolder = { name: 'console', madeBy: 'npm run build:console' }
const DOCS: ServedFolder = { name: 'docs', madeBy: 'npm run build:docs' }
/** Names of assets change with what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable'
/** Asked for again each time, by ETag. */
const FRESH = 'no-cache'

/** What people read: the console, which holds nothing of the worker and needs no login, while its calls do; and the documentation. */
export function pageEndpoints(): readonly Endpoint[] {
  return [
    indexOf(CONSOLE),
    {
      method: 'GET',
      path: '/console/assets/:file',
      mediaType: '*/*',
      handle: (request) =>
        answerFile(CONSOLE, `assets/${request.param('file')}`, { request, caching: FOR_EVER }),
    },
    indexOf(DOCS),
    {
      method: 'GET',
      path: '/docs/:file',
      mediaType: '*/*',
      handle: (request) => docsFile(request, null),
    },
    {
      method: 'GET',
      path: '/docs/:folder/:file',
      mediaType: '*/*',
      handle: (request) => docsFile(request, request.param('folder')),
    },
  ]
}

function indexOf(folder: ServedFolder): Endpoint {
  return {
    method: 'GET',
    path: `/${folder.name}`,
    mediaType: '*/*',
    handle(request) {
      // The page names what belongs to it relative to itself, so that it works below any path.
      if (!request.path.endsWith('/')) return { status: 308, headers: { location: `${folder.name}/` } }
      return answerFile(folder, 'index.html', { request, caching: FRESH })
    },
  }
}

async function docsFile(request: RestRequest, folder: string | null): Promise<Answer> {
  const file = request.param('file')
  if (request.path.endsWith('/'))
    return { status: 308, headers: { location: `../${encodeURIComponent(file)}` } }
  return answerFile(DOCS, folder === null ? file : `${folder}/${file}`, { request, caching: FRESH })
}
