import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** Who answers here, and whether it is well. */
export function workerEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/',
      handle: () =>
        ok({ version: herder.version, commit: herder.commit, kafka_cluster_id: herder.kafkaClusterId }),
    },
    {
      method: 'GET',
      path: '/health',
      // The server listens only once the worker has started: who can ask gets this answer.
      handle: () =>
        ok({
          status: 'healthy',
          message: 'Worker has completed startup and is ready to handle requests.',
        }),
    },
  ]
}
