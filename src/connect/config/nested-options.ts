import { ConfigDef } from '../../api/config-def.ts'
import type { ConnectorConfig, OptionDefinition, OptionState } from '../../api/config-def.ts'
import type { Plugin } from '../../api/plugin.ts'
import { listOf } from './list-of.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import type { PluginCatalogue, PluginType } from '../plugin-catalogue.ts'
import { versionRange } from './plugin-version.ts'

const ROLE_WORD: Readonly<Record<PluginType, string>> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
}

/** What is wrong with a text that is not of its option's type. */
const OF_ANOTHER_TYPE =
  / for configuration (\S+): (Not a number of type \w+|Expected value to be either true or false)$/

/** The options of the transformations, predicates and converters that a connector names, with their full names. */
export async function nestedOptionStates(
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
): Promise<OptionState[]> {
  const states: OptionState[] = []
  for (const alias of new Set(listOf(config['transforms']))) {
    const prefix = `transforms.${alias}.`
    states.push(...(await pluginStates(config, catalogue, { prefix, type: 'transformation' })))
    states.push(...new ConfigDef(predicateUse(alias)).validate(config))
  }
  for (const alias of new Set(listOf(config['predicates']))) {
    const prefix = `predicates.${alias}.`
    states.push(...(await pluginStates(config, catalogue, { prefix, type: 'predicate' })))
  }
  return states
}

/** The options of a converter that the connector itself names; its class has been found already. */
export async function converterStates(
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
  role: 'key' | 'value' | 'header',
): Promise<OptionState[]> {
  const className = config[`${role}.converter`]?.trim() ?? ''
  const entry = catalogue.find(className, role === 'header' ? 'header_converter' : 'converter')
  if (entry === null) return []
  const prefix = `${role}.converter.`
  const typed = { [`${prefix}converter.type`]: role, ...config }
  return prefixedStates(await entry.load(), typed, { prefix, group: `Converter: ${role}` })
}

/** The problem with a class name that an option gives, in the reference's words; null when it fits. */
export function classProblem(
  option: string,
  given: string,
  catalogue: PluginCatalogue,
  type: PluginType,
): { readonly message: string; readonly isKnown: boolean } | null {
  const className = given.trim()
  if (catalogue.find(className, type) !== null) return null
  const forms = catalogue.entries.filter((entry) => entry.className.startsWith(`${className}$`))
  if (forms.length > 0) {
    const names = forms.map((entry) => entry.className).join(', ')
    const message = `This class is abstract and cannot be created. Did you mean ${names}?`
    return { message, isKnown: false }
  }
  const other = catalogue.find(className)
  return other === null
    ? {
        message: `Invalid value ${given} for configuration ${option}: Class ${given} could not be found.`,
        isKnown: false,
      }
    : {
        message: `Class class ${other.className} does not implement the ${ROLE_WORD[type]} interface`,
        isKnown: true,
      }
}

async function pluginStates(
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
  { prefix, type }: { prefix: string; type: 'transformation' | 'predicate' },
): Promise<OptionState[]> {
  const name = `${prefix}type`
  const group = `${type === 'transformation' ? 'Transforms' : 'Predicates'}: ${prefix.split('.')[1]}`
  const definition: OptionDefinition = {
    type: 'CLASS',
    importance: 'HIGH',
    documentation: `Class of the ${type}.`,
    group,
    width: 'LONG',
    displayName: `${ROLE_WORD[type]} type`,
    recommend: () => catalogue.entries.filter((entry) => entry.type === type).map((entry) => entry.className),
  }
  const state = new ConfigDef({ [name]: definition }).validate(config)[0]!
  const className = state.value === null ? null : String(state.value)
  const version = versionState(config, catalogue, { prefix, type, group, className })
  if (className === null) return [state, version]
  const problem = classProblem(name, config[name]!, catalogue, type)
  if (problem !== null) {
    return [{ ...state, value: problem.isKnown ? className : null, errors: [problem.message] }, version]
  }
  const plugin = await catalogue.load(type, className)
  const errors = type === 'transformation' ? negationProblems(prefix, config) : []
  const states = prefixedStates(plugin, config, { prefix, group }).map((own) => ({
    ...own,
    // As in the reference, which hides the prefix from validators alone.
    errors: own.errors.map((error) =>
      error.replace(
        OF_ANOTHER_TYPE,
        (_, shortName: string, problem: string) => ` for configuration ${prefix}${shortName}: ${problem}`,
      ),
    ),
  }))
  return [{ ...state, errors }, version, ...states]
}

function negationProblems(prefix: string, config: ConnectorConfig): readonly string[] {
  const [negate, predicate] = [`${prefix}negate`, `${prefix}predicate`]
  if (!Object.hasOwn(config, negate) || Object.hasOwn(config, predicate)) return []
  return [
    `Config '${negate}' was provided but there is no config '${predicate}' defining a predicate to be negated.`,
  ]
}

/** Of `transforms.a.plugin.version`; `versionIssues` says whether it fits. */
function versionState(
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
  {
    prefix,
    type,
    group,
    className,
  }: { prefix: string; type: PluginType; group: string; className: string | null },
): OptionState {
  const version = className === null ? null : (catalogue.find(className, type)?.version ?? null)
  const name = `${prefix}plugin.version`
  const definition: OptionDefinition = {
    type: 'STRING',
    default: version,
    validator: versionRange,
    importance: 'HIGH',
    documentation: `Version of the ${type}: one, or a range such as [1.0,2.0).`,
    group,
    width: 'LONG',
    displayName: `${ROLE_WORD[type]} version`,
    recommend: () => (version === null ? [] : [version]),
  }
  return new ConfigDef({ [name]: definition }).validate(config)[0]!
}

/**
 * A nested plugin's options under their full names. Missing ones are reported by the full name, all other errors by the
 * plugin's own, as the reference does.
 */
function prefixedStates(
  plugin: Plugin,
  config: ConnectorConfig,
  { prefix, group }: { prefix: string; group: string },
): OptionState[] {
  return plugin.configDef.validate(withoutPrefix(config, prefix)).map((state) => ({
    ...state,
    name: `${prefix}${state.name}`,
    definition: { ...state.definition, group },
    errors: state.errors.map((error) =>
      error.replace(
        `Missing required configuration "${state.name}" `,
        `Missing required configuration "${prefix}${state.name}" `,
      ),
    ),
  }))
}

function predicateUse(alias: string): Record<string, OptionDefinition> {
  const group = `Transforms: ${alias}`
  return {
    [`transforms.${alias}.predicate`]: {
      type: 'STRING',
      default: null,
      importance: 'MEDIUM',
      documentation:
        'The alias of a predicate: the transformation applies only to records for which it holds.',
      group,
      displayName: 'Predicate',
    },
    [`transforms.${alias}.negate`]: {
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      documentation:
        'Whether the transformation applies to the records for which the predicate does not hold.',
      group,
      displayName: 'Negate',
    },
  }
}
