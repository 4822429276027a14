import type { ConnectorConfig } from '../../api/config-def.ts'
import { parseInt32, parseInt64 } from './checks.ts'

const UNLIMITED = -1n

/**
 * `errors.max.retries` and `retriable.restart.connector.wait.ms` in the words of the worker, which starts tasks again; its own
 * words count more. Nothing for what is not set: the worker's pauses begin short and grow.
 */
export function restartOptions(config: ConnectorConfig): ConnectorConfig {
  const retries = parseInt32(config['errors.max.retries']?.trim() ?? '')
  const waitMs = parseInt64(config['retriable.restart.connector.wait.ms']?.trim() ?? '')
  const meant = {
    // Below -1 there is no retry, as in the reference.
    ...(retries === null ? {} : { 'tasks.auto.restart.max': retries < UNLIMITED ? '0' : String(retries) }),
    ...(waitMs === null
      ? {}
      : {
          'tasks.auto.restart.delay.ms': String(waitMs),
          'tasks.auto.restart.delay.max.ms': String(waitMs),
        }),
  }
  return Object.fromEntries(Object.entries(meant).filter(([name]) => !Object.hasOwn(config, name)))
}
