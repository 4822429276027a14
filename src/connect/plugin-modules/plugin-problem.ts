import type { PluginInfo } from '../herder.ts'

/** The methods that a plugin of a type must have. */
const METHODS: Readonly<Record<PluginInfo['type'], readonly string[]>> = {
  source: ['taskConfigs', 'loadTask'],
  sink: ['taskConfigs', 'loadTask'],
  converter: ['create'],
  header_converter: ['create'],
  transformation: ['create'],
  predicate: ['create'],
}

/** What keeps an exported thing from being a plugin; null: nothing. */
export function pluginProblem(exported: unknown): string | null {
  if (typeof exported !== 'object' || exported === null) return 'an entry of plugins is no object'
  const plugin = exported as Readonly<Record<string, unknown>>
  const className = plugin['className']
  if (typeof className !== 'string' || className.trim() === '') return 'a plugin has no className'
  const type = plugin['type']
  if (typeof type !== 'string' || !Object.hasOwn(METHODS, type)) {
    return `${className} has the type ${String(type)}; it must be one of ${Object.keys(METHODS).join(', ')}`
  }
  if (typeof plugin['version'] !== 'string' || plugin['version'] === '') return `${className} has no version`
  const configDef = plugin['configDef'] as
    { readonly validate?: unknown; readonly options?: unknown } | undefined
  if (typeof configDef?.validate !== 'function') return `${className} has no configDef (new ConfigDef({ … }))`
  const missing = METHODS[type as PluginInfo['type']].find((method) => typeof plugin[method] !== 'function')
  return missing === undefined ? null : `${className} has no method ${missing}`
}
