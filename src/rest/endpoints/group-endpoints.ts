import type { ConnectorConfig } from '../../api/config-def.ts'
import { ALGORITHM_HEADER, SIGNATURE_HEADER } from '../../connect/distributed/session-keys.ts'
import type { Herder, RequestSignature, WorkerGroup } from '../../connect/herder.ts'
import type { Endpoint, RestRequest } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { configOf, invalidBody, textBody } from '../json-body.ts'

/** What workers of a group ask of each other. */
export function groupEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/connectors/:connector/tasks',
      async handle(request) {
        const group = groupOf(herder)
        const configs = taskConfigsOf(request.body)
        await group.putTaskConfigs(request.param('connector'), configs, signatureOf(request))
        return { status: 204 }
      },
    },
    {
      method: 'PUT',
      path: '/connectors/:connector/fence',
      async handle(request) {
        await groupOf(herder).fence(request.param('connector'), signatureOf(request))
        return { status: 204 }
      },
    },
  ]
}

function groupOf({ group }: Herder): WorkerGroup {
  if (group !== null) return group
  throw new HttpError(
    'rest.request-unsupported',
    { status: 403 },
    'Workers of a group ask this of each other; this worker belongs to no group',
  )
}

function taskConfigsOf(text: string): readonly ConnectorConfig[] {
  const configs = textBody(text)
  if (!Array.isArray(configs)) throw invalidBody('The request must be an array of configurations')
  return configs.map((config) => configOf(config, 'A configuration'))
}

function signatureOf({ body, headers }: RestRequest): RequestSignature {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  return { body, signature: header(SIGNATURE_HEADER), algorithm: header(ALGORITHM_HEADER) }
}
