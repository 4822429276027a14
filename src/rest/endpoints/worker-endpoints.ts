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
      handle() {
        // A worker on its own listens once it has started: who can ask gets this answer.
        if (herder.group?.hasJoined !== false) {
          const message = 'Worker has completed startup and is ready to handle requests.'
          return ok({ status: 'healthy', message })
        }
        return { status: 503, body: { status: 'starting', message: 'Worker is still starting up.' } }
      },
    },
  ]
}
