import type { ConnectorConfig } from '../../api/config-def.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import type { WorkerConfig } from './worker-config.ts'

/**
 * Which converter a connector uses for a role, and its options. Named in the connector's configuration it gets the
 * connector's options only; otherwise the worker's converter with the worker's options, as in the reference.
 */
export function converterSettings(
  role: 'key' | 'value' | 'header',
  config: ConnectorConfig,
  worker: WorkerConfig,
): { readonly className: string; readonly config: ConnectorConfig } {
  const name = `${role}.converter` as const
  const own = config[name]
  return own === undefined || own === null
    ? { className: worker.options[name], config: withoutPrefix(worker.properties, `${name}.`) }
    : { className: own.trim(), config: withoutPrefix(config, `${name}.`) }
}
