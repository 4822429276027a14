import assert from 'node:assert/strict'
import type { TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { plain } from './both-ways.ts'

type Config = Readonly<Record<string, string>>

/** The value that a transformation gives, structs as lists of name and value. */
export function valueAfter(plugin: TransformationPlugin, config: Config, record: ConnectRecord): unknown {
  return plain(plugin.create(config).apply(record)!.value)
}

/** The same of the key. */
export function keyAfter(plugin: TransformationPlugin, config: Config, record: ConnectRecord): unknown {
  return plain(plugin.create(config).apply(record)!.key)
}

/** Holds that the transformation refuses the record with this message. */
export function refuses(
  plugin: TransformationPlugin,
  config: Config,
  { record, message }: { readonly record: ConnectRecord; readonly message: string },
): void {
  const transformation = plugin.create(config)
  assert.throws(() => transformation.apply(record), { name: 'DataError', message })
}

/** Holds the messages that `validate` gives for a configuration, in the order of the options. */
export function validates(
  plugin: { readonly configDef: TransformationPlugin['configDef'] },
  config: Config,
  messages: readonly string[],
): void {
  assert.deepEqual(
    plugin.configDef.validate(config).flatMap(({ errors }) => errors),
    messages,
  )
}
