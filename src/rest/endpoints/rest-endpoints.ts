import type { Backups } from '../../connect/backups.ts'
import type { Herder } from '../../connect/herder.ts'
import type { Endpoint } from '../endpoint.ts'
import type { LogLevels } from '../log-levels.ts'
import { backupEndpoints } from './backup-endpoints.ts'
import { connectorEndpoints } from './connector-endpoints.ts'
import { pageEndpoints } from './page-endpoints.ts'
import { deadLetterEndpoints } from './dead-letter-endpoints.ts'
import { exploreEndpoints } from './explore-endpoints.ts'
import { eventEndpoints } from './event-endpoints.ts'
import { groupEndpoints } from './group-endpoints.ts'
import { lifecycleEndpoints } from './lifecycle-endpoints.ts'
import { loggerEndpoints } from './logger-endpoints.ts'
import { metricsEndpoint } from './metrics-endpoint.ts'
import { offsetEndpoints } from './offset-endpoints.ts'
import { openApiEndpoints } from './openapi-endpoints.ts'
import { pluginEndpoints } from './plugin-endpoints.ts'
import { topicEndpoints } from './topic-endpoints.ts'
import { healthEndpoints, type ConnectorHealth } from './health-endpoints.ts'
import { reindexingEndpoints } from './reindexing-endpoints.ts'
import { verificationEndpoints } from './verification-endpoints.ts'
import { workerEndpoints } from './worker-endpoints.ts'

/** Everything that the REST API answers to. `docs/rest-api.md` lists the same. */
export function restEndpoints(
  herder: Herder,
  levels: LogLevels,
  health: ConnectorHealth,
  backups: Backups,
): readonly Endpoint[] {
  return openApiEndpoints(herder, [
    ...workerEndpoints(herder),
    ...healthEndpoints(herder, health),
    ...pluginEndpoints(herder),
    ...connectorEndpoints(herder),
    ...lifecycleEndpoints(herder),
    ...offsetEndpoints(herder),
    ...verificationEndpoints(herder),
    ...reindexingEndpoints(herder),
    ...topicEndpoints(herder),
    ...groupEndpoints(herder),
    ...loggerEndpoints(levels, herder),
    ...backupEndpoints(backups),
    metricsEndpoint(herder, health),
    ...eventEndpoints(herder, health),
    ...pageEndpoints(),
    ...deadLetterEndpoints(herder),
    ...exploreEndpoints(herder),
  ])
}
