import type { JsonObject } from '../../api/record.ts'
import type { Endpoint } from '../endpoint.ts'
import { endpointDescriptions, type EndpointDescription } from './endpoint-descriptions.ts'
import { connectorConfigSchema, schemas, type SchemaName } from './schemas.ts'

/** The OpenAPI 3.1 description of the endpoints that there are, on a worker with these connectors. */
export function openApiDocument(
  endpoints: readonly Endpoint[],
  version: string,
  connectorClasses: readonly string[],
): JsonObject {
  const byPath = Map.groupBy(endpoints, ({ path }) => templateOf(path))
  const paths = [...byPath].map(([path, sharing]) => [
    path,
    Object.fromEntries(sharing.map((endpoint) => [endpoint.method.toLowerCase(), operation(endpoint)])),
  ])
  return {
    openapi: '3.1.0',
    info: {
      title: 'tailrace',
      version,
      description: 'The REST API of Kafka Connect, and a few endpoints of its own.',
    },
    paths: Object.fromEntries(paths) as JsonObject,
    components: { schemas: { ...schemas, ConnectorConfig: connectorConfigSchema(connectorClasses) } },
  }
}

function operation(endpoint: Endpoint): JsonObject {
  const description = endpointDescriptions[`${endpoint.method} ${endpoint.path}`] ?? { summary: '' }
  const { summary, status = 200, body, query = {} } = description
  return {
    summary,
    operationId: operationId(endpoint),
    tags: [tagOf(endpoint.path)],
    parameters: [
      ...pathParameters(endpoint.path),
      ...Object.entries(query).map(([name, meaning]) => ({
        name,
        in: 'query',
        description: meaning,
        schema: { type: 'string' },
      })),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(body) } }),
    responses: {
      [status]: success(endpoint, description),
      default: { description: 'An error', content: content('Error') },
    },
  }
}

function success({ mediaType }: Endpoint, { summary, answer }: EndpointDescription): JsonObject {
  if (answer === undefined) return { description: summary }
  return { description: summary, content: content(answer, mediaType) }
}

function content(schema: SchemaName, mediaType = 'application/json'): JsonObject {
  return { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } }
}

/** `/connectors/{connector}/tasks/{task}`. */
function templateOf(path: string): string {
  return path.replace(/[:#](\w+)/g, '{$1}')
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/([:#])(\w+)/g)].map(([, kind, name]) => ({
    name: name!,
    in: 'path',
    required: true,
    schema:
      kind === '#' ? { type: 'integer', minimum: 0, maximum: 999_999_999 } : { type: 'string', minLength: 1 },
  }))
}

function operationId({ method, path }: Endpoint): string {
  const words = path.split(/[^\w]+/).filter((word) => word !== '')
  return [method.toLowerCase(), ...words].join('_')
}

/** What the path begins with. */
function tagOf(path: string): string {
  return path.split(/[/.]/)[1] || 'worker'
}
