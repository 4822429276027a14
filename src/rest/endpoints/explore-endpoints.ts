import type { JsonObject } from '../../api/record.ts'
import { sinkTopics } from '../../connect/health/sink-lag.ts'
import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { configOf, textBody } from '../json-body.ts'
import { integerOf } from './request-parameters.ts'

const MOST_DOCUMENTS = 100
/** What Elasticsearch itself allows for `from` and `size` together. */
const FURTHEST = 10_000

/** What is behind connectors, for who sets them up or wants to see what they did: an addition of tailrace's own. */
export function exploreEndpoints(herder: Herder): readonly Endpoint[] {
  return [
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
        const topics = (await sinkTopics(herder.log, herder.connectorInfo(name).config)).map(
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
