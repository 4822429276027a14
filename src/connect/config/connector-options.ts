import {
  validators,
  type OptionDefinition,
  type OptionDefinitions,
  type OptionValidator,
} from '../../api/config-def.ts'
import type { ConnectorPlugin } from '../../api/plugin.ts'
import { errorOptions } from './error-options.ts'
import type { PluginCatalogue, PluginType } from '../plugin-catalogue.ts'
import { versionRange } from './plugin-version.ts'
import { sinkOptions } from '../sink/sink-options.ts'
import { sourceOptions, uniqueAliases } from '../source/source-options.ts'
import type { WorkerConfig } from './worker-config.ts'

/**
 * The options that every connector of a type has, besides its own.
 *
 * @param worker whose converters are the defaults; null: for the definitions alone, where they have none
 */
export function connectorOptions(
  plugin: Pick<ConnectorPlugin, 'type' | 'version'>,
  catalogue: PluginCatalogue,
  worker: WorkerConfig | null,
): OptionDefinitions {
  return {
    ...commonOptions(plugin.version, catalogue, worker),
    ...(plugin.type === 'source' ? sourceOptions : sinkOptions),
  }
}

const connectorName: OptionValidator = (value) => {
  const name = String(value)
  if (name === '') return 'String may not be empty'
  const controls = Array.from(name, (char) => char.codePointAt(0)!).filter(
    (code) => code < 32 || code === 127,
  )
  return controls.length === 0
    ? null
    : `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`
}

/** What is no number is reported twice, as the reference does. */
const tasksMax = Object.assign(validators.atLeast(1), { nullProblem: 'Value must be non-null' })

function commonOptions(
  version: string,
  catalogue: PluginCatalogue,
  worker: WorkerConfig | null,
): OptionDefinitions {
  return {
    name: {
      type: 'STRING',
      validator: connectorName,
      importance: 'HIGH',
      documentation: 'The name of this connector; no two connectors of a worker share one.',
      group: 'Common',
      width: 'MEDIUM',
      displayName: 'Connector name',
    },
    'connector.class': {
      type: 'STRING',
      importance: 'HIGH',
      documentation:
        "The connector's class name, its simple name, or that without the ending Connector: io.debezium.connector.postgresql.PostgresConnector, PostgresConnector, Postgres.",
      group: 'Common',
      width: 'LONG',
      displayName: 'Connector class',
    },
    'connector.plugin.version': versionOption('the connector', version, 'MEDIUM'),
    'tasks.max': {
      type: 'INT',
      default: 1,
      validator: tasksMax,
      importance: 'HIGH',
      documentation: 'The most tasks that the connector may split its work into.',
      group: 'Common',
      width: 'SHORT',
      displayName: 'Tasks max',
    },
    'tasks.max.enforce': {
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      documentation: 'Whether a connector that makes more tasks than tasks.max fails.',
      group: 'Common',
      width: 'SHORT',
      displayName: 'Enforce tasks max',
    },
    ...converterOptions('key', 'converter', catalogue, worker),
    ...converterOptions('value', 'converter', catalogue, worker),
    ...converterOptions('header', 'header_converter', catalogue, worker),
    transforms: aliasesOption('Transformations', 'Transforms'),
    predicates: aliasesOption('Predicates', 'Predicates'),
    'config.action.reload': {
      type: 'STRING',
      default: 'restart',
      validator: validators.oneOf('none', 'restart'),
      importance: 'LOW',
      documentation:
        'What to do when a value that a config provider supplied has changed: restart the connector, or nothing.',
      group: 'Common',
      width: 'MEDIUM',
      displayName: 'Reload action',
    },
    ...errorOptions,
  }
}

function aliasesOption(displayName: string, group: string): OptionDefinition {
  return {
    type: 'LIST',
    default: [],
    validator: uniqueAliases,
    importance: 'LOW',
    documentation: `Aliases of the ${displayName.toLowerCase()}, in the order in which they apply. Each is configured under its alias.`,
    group,
    width: 'LONG',
    displayName,
  }
}

function versionOption(what: string, version: string | null, importance: 'MEDIUM' | 'LOW'): OptionDefinition {
  return {
    type: 'STRING',
    default: version,
    validator: versionRange,
    importance,
    documentation: `The version of ${what}. One version is installed; the property is accepted for compatibility.`,
    group: 'Common',
    width: 'MEDIUM',
    displayName: 'Plugin version',
    recommend: () => (version === null ? [] : [version]),
  }
}

function converterOptions(
  role: 'key' | 'value' | 'header',
  type: PluginType,
  catalogue: PluginCatalogue,
  worker: WorkerConfig | null,
): OptionDefinitions {
  const name = `${role}.converter` as const
  const byDefault = worker?.options[name] ?? null
  const version = byDefault === null ? null : (catalogue.find(byDefault, type)?.version ?? null)
  return {
    [name]: {
      type: 'CLASS',
      default: byDefault,
      importance: 'LOW',
      documentation: `Class that turns record ${role}s into bytes and back. Without it the worker's ${name} and its options hold.`,
      group: 'Common',
      width: 'SHORT',
      displayName: `${role[0]!.toUpperCase()}${role.slice(1)} converter class`,
      recommend: () => [
        ...new Set(catalogue.entries.filter((entry) => entry.type === type).map((entry) => entry.className)),
      ],
    },
    [`${name}.plugin.version`]: {
      ...versionOption(`the ${role} converter`, version, 'LOW'),
      visible: (config) => config[name] !== null,
    },
  }
}
