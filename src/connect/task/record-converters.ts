import type { ConnectorConfig } from '../../api/config-def.ts'
import type { Converter, HeaderConverter } from '../../api/plugin.ts'
import { converterSettings } from '../config/nested-config.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

/** The three converters of a task, with their class names for error reports. */
export interface RecordConverters {
  readonly key: Converter
  readonly value: Converter
  readonly header: HeaderConverter
  readonly classNames: { readonly key: string; readonly value: string; readonly header: string }
}

/** Loads what the connector or else the worker names. Throws `connect.plugin-unknown`, `ConfigError`. */
export async function loadRecordConverters(
  config: ConnectorConfig,
  worker: WorkerConfig,
  catalogue: PluginCatalogue,
): Promise<RecordConverters> {
  const settings = {
    key: converterSettings('key', config, worker),
    value: converterSettings('value', config, worker),
    header: converterSettings('header', config, worker),
  }
  const key = await catalogue.load('converter', settings.key.className)
  const value = await catalogue.load('converter', settings.value.className)
  const header = await catalogue.load('header_converter', settings.header.className)
  return {
    key: key.create(settings.key.config, 'key'),
    value: value.create(settings.value.config, 'value'),
    header: header.create(settings.header.config),
    classNames: { key: key.className, value: value.className, header: header.className },
  }
}
