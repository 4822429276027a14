import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** Who answers here. */
export function workerEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/',
      handle: () =>
        ok({ version: herder.version, commit: herder.commit, kafka_cluster_id: herder.kafkaClusterId }),
    },
  ]
}
