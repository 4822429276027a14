import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { Herder, TargetState } from '../../connect/herder.ts'
import { connectorInfo, connectorStatus } from '../connector-json.ts'
import { ok, type Answer, type Endpoint, type RestRequest } from '../endpoint.ts'
import { configOf, invalidBody, objectOf, textBody } from '../json-body.ts'

const INITIAL_STATES: { readonly [name: string]: TargetState } = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** Connectors and their configurations. */
export function connectorEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    { method: 'GET', path: '/connectors', handle: ({ query }) => ok(listConnectors(herder, query)) },
    { method: 'POST', path: '/connectors', handle: (request) => createConnector(herder, request) },
    {
      method: 'GET',
      path: '/connectors/:connector',
      handle: (request) => ok(connectorInfo(herder.connectorInfo(request.param('connector')))),
    },
    {
      method: 'DELETE',
      path: '/connectors/:connector',
      async handle(request) {
        await herder.deleteConnector(request.param('connector'))
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector/config',
      handle: (request) => ok({ ...herder.connectorInfo(request.param('connector')).config }),
    },
    {
      method: 'PUT',
      path: '/connectors/:connector/config',
      async handle(request) {
        const name = request.param('connector')
        const config = configOf(textBody(request.body), 'The configuration')
        const { created, info } = await herder.putConnectorConfig(name, config, { mode: 'createOrUpdate' })
        return created ? createdAnswer(request, name, connectorInfo(info)) : ok(connectorInfo(info))
      },
    },
    {
      method: 'PATCH',
      path: '/connectors/:connector/config',
      async handle(request) {
        const patch = configOf(textBody(request.body), 'The configuration patch')
        return ok(connectorInfo(await herder.patchConnectorConfig(request.param('connector'), patch)))
      },
    },
  ]
}

/** Names; with `expand`, an object that has for each connector what was asked for. */
function listConnectors(herder: Herder, query: URLSearchParams): JsonValue {
  const names = herder.connectors()
  const expand = query.getAll('expand')
  if (expand.length === 0) return names
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...(expand.includes('info') ? { info: connectorInfo(herder.connectorInfo(name)) } : {}),
        ...(expand.includes('status') ? { status: connectorStatus(herder.connectorStatus(name)) } : {}),
      },
    ]),
  )
}

async function createConnector(herder: Herder, request: RestRequest): Promise<Answer> {
  const body = objectOf(textBody(request.body), 'The request', ['name', 'config', 'initial_state'])
  const name = textOf(body, 'name')?.trim() ?? ''
  const initialState = initialStateOf(textOf(body, 'initial_state'))
  const config = configOf(body['config'] ?? null, 'The field "config"')
  const { info } = await herder.putConnectorConfig(name, config, {
    mode: 'create',
    ...(initialState === null ? {} : { initialState }),
  })
  return createdAnswer(request, name, connectorInfo(info))
}

function textOf(body: JsonObject, field: string): string | null {
  const value = body[field] ?? null
  if (value === null || typeof value === 'string') return value
  throw invalidBody(`The field "${field}" must be text`)
}

function initialStateOf(text: string | null): TargetState | null {
  if (text === null) return null
  const state = INITIAL_STATES[text.toUpperCase()]
  if (state !== undefined) return state
  throw invalidBody(
    `The field "initial_state" must be one of ${Object.keys(INITIAL_STATES).join(', ')}, but is: ${text}`,
  )
}

function createdAnswer({ headers, scheme }: RestRequest, name: string, info: JsonObject): Answer {
  const path = `/connectors/${encodeSegment(name)}`
  const location = headers.host === undefined ? path : `${scheme}://${headers.host}${path}`
  return { status: 201, body: info, headers: { location } }
}

/** Encodes what a path's segment may not hold, and no more: `a+b` stays readable, as in the reference. */
function encodeSegment(name: string): string {
  return encodeURIComponent(name).replace(/%(?:2B|24|26|2C|3B|3D|3A|40)/g, decodeURIComponent)
}
