import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** The API's description of itself. Its texts are loaded when somebody asks: a worker on its own does not carry them. */
export function openApiEndpoints(herder: Herder, others: readonly Endpoint[]): readonly Endpoint[] {
  const all: Endpoint[] = [
    ...others,
    {
      method: 'GET',
      path: '/openapi.json',
      async handle() {
        const { openApiDocument } = await import('../openapi/openapi-document.ts')
        return ok(openApiDocument(all, herder.commit))
      },
    },
    {
      method: 'GET',
      path: '/openapi',
      mediaType: 'text/html',
      async handle() {
        const { openApiPage } = await import('../openapi/openapi-page.ts')
        return { status: 200, text: openApiPage(all, herder.commit) }
      },
    },
  ]
  return all
}
