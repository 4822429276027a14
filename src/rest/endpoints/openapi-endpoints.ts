import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** The page has styles of its own and nothing else: no script, nothing from elsewhere, in nobody's frame. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** The API's description of itself. Its texts are loaded when somebody asks: a worker on its own does not carry them. */
export function openApiEndpoints(herder: Herder, others: readonly Endpoint[]): readonly Endpoint[] {
  const all: Endpoint[] = [
    ...others,
    {
      method: 'GET',
      path: '/openapi.json',
      async handle() {
        const { openApiDocument } = await import('../openapi/openapi-document.ts')
        const connectors = herder.admission
          .plugins()
          .filter(({ type }) => type === 'source' || type === 'sink')
        const classNames = connectors.map(({ className }) => className)
        return ok(openApiDocument(all, herder.commit, classNames))
      },
    },
    {
      method: 'GET',
      path: '/openapi',
      mediaType: 'text/html',
      async handle() {
        const { openApiPage } = await import('../openapi/openapi-page.ts')
        return { status: 200, text: openApiPage(all, herder.commit), headers: PAGE_HEADERS }
      },
    },
  ]
  return all
}
