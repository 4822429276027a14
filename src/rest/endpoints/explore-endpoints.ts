import type { Finding } from '../../api/preflight.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import { foundSinkTopics } from '../../connect/sink/sink-topics.ts'
import type { Herder } from '../../connect/herder.ts'
import type { ConnectorOf } from '../../connect/jobs/job-spec.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { configOf, invalidBody, objectOf, textBody } from '../json-body.ts'
import { integerOf } from './request-parameters.ts'

/** Each is looked at with connections of its own. */
const MOST_CONNECTORS = 10
const MOST_DOCUMENTS = 100
/** What Elasticsearch itself allows for `from` and `size` together. */
const FURTHEST = 10_000

/** What is behind connectors, for who sets them up or wants to see what they did: an addition of tailrace's own. */
export function exploreEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'PUT',
      path: '/connector-plugins/preflight',
      async handle(request) {
        const examined = await herder.explorer.preflight(connectorsOf(request.body))
        return ok({
          connectors: examined.map(({ what, findings }) => ({
            name: what,
            findings: findings.map(findingJson),
          })),
        })
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/tables',
      async handle(request) {
        const config = configOf(textBody(request.body), 'The configuration')
        const tables = await herder.explorer.tables({ ...config, 'connector.class': request.param('plugin') })
        return ok({
          tables: tables.map(({ schema, table, estimatedRows, bytes, hasPrimaryKey }): JsonObject => ({
            schema,
            table,
            estimated_rows: estimatedRows,
            bytes,
            has_primary_key: hasPrimaryKey,
          })),
        })
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector/indices',
      async handle(request) {
        const name = request.param('connector')
        const topics = (await foundSinkTopics(herder.connectorInfo(name).config, herder.log)).map(
          (topic) => topic.name,
        )
        const indices = await herder.explorer.indices(name, topics)
        return ok({ indices: [...indices].map(([topic, index]) => ({ topic, index })) })
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector/documents',
      async handle(request) {
        const size = Math.min(Number(integerOf(request, 'size', 20n)), MOST_DOCUMENTS)
        const from = Math.min(Number(integerOf(request, 'from', 0n)), FURTHEST - size)
        const index = request.query.get('index') ?? ''
        const query = request.query.get('query') ?? ''
        const found = await herder.explorer.search(request.param('connector'), { index, query, from, size })
        return ok({ total: found.total, documents: found.documents.map((document) => ({ ...document })) })
      },
    },
  ]
}

function connectorsOf(body: string): readonly ConnectorOf[] {
  const { connectors } = objectOf(textBody(body), 'The request', ['connectors'])
  if (!Array.isArray(connectors) || connectors.length === 0 || connectors.length > MOST_CONNECTORS) {
    throw invalidBody(`"connectors" must be a list of 1 to ${MOST_CONNECTORS} connectors {"name", "config"}`)
  }
  return connectors.map((entry: JsonValue) => {
    const { name = '', config } = objectOf(entry, 'A connector', ['name', 'config'])
    if (typeof name !== 'string') throw invalidBody('The name of a connector must be text')
    return { name, config: configOf(config ?? {}, 'The configuration') }
  })
}

function findingJson({ check, level, message, remedy }: Finding): JsonObject {
  if (remedy === undefined) return { check, level, message }
  const { apply, where, thenRestart = false } = remedy
  return { check, level, message, remedy: { apply, where, then_restart: thenRestart } }
}
