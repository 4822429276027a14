import { ConfigError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import type { Herder } from '../../connect/herder.ts'
import type { ReindexRequest, ReindexState } from '../../connect/reindex/reindex-state.ts'
import { ok, type Endpoint, type RestRequest } from '../endpoint.ts'

/** New indices of a sink in the places of the old ones. */
export function reindexingEndpoints(herder: Herder): readonly Endpoint[] {
  const path = '/connectors/:connector/reindexing'
  return [
    {
      method: 'POST',
      path,
      async handle(request) {
        const state = await herder.reindexings.start(request.param('connector'), requestOf(request))
        return { status: 202, body: reindexingJson(state) }
      },
    },
    {
      method: 'GET',
      path,
      handle: async (request) =>
        ok(reindexingJson(await herder.reindexings.state(request.param('connector')))),
    },
    {
      method: 'DELETE',
      path,
      async handle(request) {
        await herder.reindexings.abort(request.param('connector'))
        return { status: 204 }
      },
    },
  ]
}

function requestOf({ query }: RestRequest): ReindexRequest {
  const from = query.get('from')?.toLowerCase() ?? null
  if (from !== null && from !== 'log' && from !== 'snapshot') {
    throw new ConfigError(
      'rest.request-invalid',
      `The parameter from must be log or snapshot, but is: ${from}`,
    )
  }
  const isTrue = (name: string): boolean => query.get(name)?.toLowerCase() === 'true'
  return { from, isDeletingOld: isTrue('delete_old'), areFewerAccepted: isTrue('accept_fewer') }
}

export function reindexingJson(state: ReindexState): JsonObject {
  switch (state.state) {
    case 'RUNNING':
      return { state: 'RUNNING', progress: { ...state.progress } }
    case 'FAILED':
      return { state: 'FAILED', message: state.message }
    case 'COMPLETED':
      return {
        state: 'COMPLETED',
        seconds: state.seconds,
        indices: state.indices.map(({ name, index, documents, old }) => ({
          name,
          index,
          documents,
          old: old === null ? null : { index: old.index, documents: old.documents, deleted: old.isDeleted },
        })),
      }
  }
}
