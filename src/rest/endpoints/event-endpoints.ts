import type { Herder } from '../../connect/herder.ts'
import type { Endpoint } from '../endpoint.ts'
import { WorkerFeed } from '../events/worker-feed.ts'
import type { ConnectorHealth } from './health-endpoints.ts'

/** What happens, told as it happens: for the console. */
export function eventEndpoints(herder: Herder, health: ConnectorHealth): readonly Endpoint[] {
  const feed = new WorkerFeed(herder, health)
  return [
    {
      method: 'GET',
      path: '/events',
      mediaType: 'text/event-stream',
      handle: () => ({ status: 200, follow: (stream) => feed.follow(stream) }),
    },
  ]
}
