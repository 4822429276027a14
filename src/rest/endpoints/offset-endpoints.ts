import { ConfigError } from '../../api/errors.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { OffsetChange } from '../../api/plugin.ts'
import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { invalidBody, jsonBody, objectOf } from '../json-body.ts'

/** Where a connector stands, and which topics it has touched. */
export function offsetEndpoints(herder: Herder): readonly Endpoint[] {
  const path = '/connectors/:connector/offsets'
  return [
    {
      method: 'GET',
      path,
      async handle(request) {
        const offsets = await herder.connectorOffsets(request.param('connector'))
        return ok({ offsets: offsets.map(({ partition, offset }) => ({ partition, offset })) })
      },
    },
    {
      method: 'PATCH',
      path,
      async handle(request) {
        const offsets = offsetsOf(request.body)
        return ok({ message: await herder.alterConnectorOffsets(request.param('connector'), offsets) })
      },
    },
    {
      method: 'DELETE',
      path,
      async handle(request) {
        return ok({ message: await herder.resetConnectorOffsets(request.param('connector')) })
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector/topics',
      handle(request) {
        const connector = request.param('connector')
        // Nobody is asked whether there is such a connector.
        return ok({ [connector]: { topics: herder.connectorTopics(connector) } })
      },
    },
    {
      method: 'PUT',
      path: '/connectors/:connector/topics/reset',
      async handle(request) {
        await herder.resetConnectorTopics(request.param('connector'))
        return { status: 202 }
      },
    },
  ]
}

function offsetsOf(text: string): readonly OffsetChange[] {
  const offsets = objectOf(jsonBody(text), 'The request', ['offsets'])['offsets'] ?? null
  if (offsets !== null && !Array.isArray(offsets)) throw invalidBody('The field "offsets" must be an array')
  if (offsets === null || offsets.length === 0) {
    throw new ConfigError(
      'rest.request-invalid',
      'Partitions / offsets need to be provided for an alter offsets request',
    )
  }
  return (offsets as readonly JsonValue[]).map((entry) => {
    const { partition, offset } = objectOf(entry, 'An entry of "offsets"', ['partition', 'offset'])
    return { partition: flatObject(partition, 'partition'), offset: flatObject(offset, 'offset') }
  })
}

function flatObject(value: JsonValue | undefined, field: string): JsonObject | null {
  return value === undefined || value === null ? null : objectOf(value, `The field "${field}"`)
}
