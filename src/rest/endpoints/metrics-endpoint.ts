import type { Herder } from '../../connect/herder.ts'
import type { Endpoint } from '../endpoint.ts'
import type { ConnectorHealth } from './health-endpoints.ts'

/** For Prometheus: an addition of tailrace's own. */
export function metricsEndpoint(herder: Herder, health: ConnectorHealth): Endpoint {
  return {
    method: 'GET',
    path: '/metrics',
    mediaType: 'text/plain',
    async handle() {
      const { prometheusText } = await import('../metrics/prometheus-text.ts')
      const { workerMetrics } = await import('../metrics/worker-metrics.ts')
      return {
        status: 200,
        text: prometheusText(workerMetrics(herder, health.problems())),
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }
    },
  }
}
