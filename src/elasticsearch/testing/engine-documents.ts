import type { EngineServer } from '../../../test/servers/engine-server.ts'

interface Hit {
  readonly _id: string
  readonly _version: number
  readonly _source: Record<string, unknown>
}

/** `id: [version, source]` of every document, at most 10,000. */
export async function documentsOf(
  engine: EngineServer,
  index: string,
): Promise<Record<string, readonly [version: number, source: object]>> {
  await engine.rest.json('POST', `/${index}/_refresh`)
  const path = `/${index}/_search?version=true&size=10000`
  const found = (await engine.rest.json('GET', path)) as { hits: { hits: Hit[] } }
  return Object.fromEntries(
    found.hits.hits.map(({ _id, _version, _source }) => [_id, [_version, _source] as const]),
  )
}
