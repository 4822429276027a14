import type { ConnectorConfig } from '../../api/config-def.ts'

/** The same properties with the same values, in whatever order. */
export function isSameConfig(a: ConnectorConfig, b: ConnectorConfig): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
