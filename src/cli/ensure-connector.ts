import { isDeepStrictEqual } from 'node:util'
import type { ConnectorInfo } from '../connect/herder.ts'
import type { ConnectorFile } from './manage-connectors.ts'
import { call, refusal, request } from './worker-client.ts'

/** Posts a connector, unless an earlier run did. What differs from its config is put in place. */
export async function ensureConnector(
  worker: string,
  { name, config }: ConnectorFile,
): Promise<'created' | 'changed' | 'there'> {
  const path = `/connectors/${encodeURIComponent(name)}`
  const found = await request(worker, 'GET', path)
  if (found.status === 404) {
    await call(worker, 'POST', '/connectors', { name, config })
    return 'created'
  }
  if (found.status !== 200) throw refusal(found, `GET ${path}`)
  const known = (found.body as ConnectorInfo).config
  if (isDeepStrictEqual(known, { ...config, name })) return 'there'
  await call(worker, 'PUT', `${path}/config`, config)
  return 'changed'
}
