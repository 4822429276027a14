import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { postgresOptionDefinitions } from './postgres-options.ts'
import type { PostgresOptionDefinition } from './option-definition.ts'

const IGNORED_NAMES = /^(?:driver|notification|openlineage)\./

/** Names of options that are set to something which has no effect in this version. To be logged once at each start. */
export function unsupportedOptions(config: ConnectorConfig): readonly string[] {
  return Object.keys(config).filter((name) => {
    const definition = definitionOf(name)
    // The reference takes any text there, and all but `true` for false.
    if (name === 'read.only') return !/^(?:true|false|)$/i.test(config[name]?.trim() ?? '')
    if (definition === undefined) return IGNORED_NAMES.test(name)
    return definition.support === 'ignored' && !isDefault(definition, config[name])
  })
}

/** Options that would change what is written, and do not work in this version. */
export function refusedOptions(config: ConnectorConfig): readonly ConfigIssue[] {
  return Object.keys(config)
    .filter((name) => {
      const definition = definitionOf(name)
      return definition?.support === 'refused' && !isDefault(definition, config[name])
    })
    .map((option) => ({
      option,
      message: `The '${option}' value is invalid: This option does not work in this version, and records would be wrong without it; remove it`,
    }))
}

function definitionOf(name: string): PostgresOptionDefinition | undefined {
  const definitions: Readonly<Record<string, PostgresOptionDefinition>> = postgresOptionDefinitions
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined
}

function isDefault(
  { default: byDefault }: PostgresOptionDefinition,
  text: string | null | undefined,
): boolean {
  const given = text?.trim() ?? ''
  return given === '' || given.toLowerCase() === String(byDefault).toLowerCase()
}
