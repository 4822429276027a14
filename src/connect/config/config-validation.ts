import { ConfigDef, type ConnectorConfig, type OptionState } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { ConfigIssue, ConnectorPlugin } from '../../api/plugin.ts'
import { overrideStates } from './client-overrides.ts'
import { connectorOptions } from './connector-options.ts'
import { sinkGroupIssues } from '../sink/sink-group.ts'
import { sinkOptionIssues } from '../sink/sink-options.ts'
import type { ConfigValidation, ValidatedOption } from '../herder.ts'
import { classProblem, converterStates, nestedOptionStates } from './nested-options.ts'
import { exactlyOnceIssues, forbiddenOverrides } from './override-policy.ts'
import { topicCreationIssues } from '../source/topic-creation.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import { versionIssues } from './plugin-version.ts'
import { restartIssues } from '../task/restart-policy.ts'
import type { WorkerConfig } from './worker-config.ts'

/** Every option of a connector with nothing set: what `GET /connector-plugins/{plugin}/config` shows. */
export function connectorOptionStates(
  plugin: ConnectorPlugin,
  catalogue: PluginCatalogue,
): readonly OptionState[] {
  return definitionOf(plugin, catalogue, null).validate({})
}

/**
 * Validates a whole connector configuration. The plugin's own look at the world (`validate`) comes last and only when
 * nothing is wrong with its own options, which say where its servers are.
 */
export async function validateConnectorConfig(
  plugin: ConnectorPlugin,
  config: ConnectorConfig,
  { catalogue, worker, signal }: { catalogue: PluginCatalogue; worker: WorkerConfig; signal: AbortSignal },
): Promise<ConfigValidation> {
  let states: ValidatedOption[] = definitionOf(plugin, catalogue, worker).validate(config)
  const converters: ValidatedOption[] = []
  for (const role of ['key', 'value', 'header'] as const) {
    states = states.map((state) => withClassChecked(state, role, config, catalogue))
    converters.push(...(await converterStates(config, catalogue, role)))
  }
  states.push(...(await nestedOptionStates(config, catalogue)))
  const decided = new Set([...Object.keys(plugin.configDef.options), ...converters.map(({ name }) => name)])
  states = [...withNulls(states, config, decided), ...converters]
  states = withIssues(states, [...versionIssues(plugin, config, catalogue), ...restartIssues(config)], config)
  if (plugin.type === 'sink') {
    states = withIssues(states, [...sinkOptionIssues(config), ...sinkGroupIssues(config, worker)], config)
  }
  if (plugin.type === 'source') {
    states = withIssues(
      states,
      [...exactlyOnceIssues(config, worker), ...topicCreationIssues(config)],
      config,
    )
  }
  states.push(...overrideStates(plugin.type, config, worker))
  states = withIssues(states, forbiddenOverrides(config, worker), config)
  const own = plugin.configDef.options
  const isOwnGood = states.every(({ name, errors }) => errors.length === 0 || !Object.hasOwn(own, name))
  if (isOwnGood && plugin.validate !== undefined) {
    states = withIssues(states, await plugin.validate(config, signal), config)
  }
  const groups = [...new Set(states.flatMap(({ definition }) => definition?.group ?? []))]
  return { name: plugin.className, errorCount: countErrors(states), groups, options: states }
}

/** Throws the `ConfigError` that answers 400, with every error on a line of its own. */
export function refuseInvalid({ errorCount, options }: ConfigValidation): void {
  if (errorCount === 0) return
  const errors = options.flatMap((option) => option.errors)
  throw new ConfigError(
    'connect.config-invalid',
    `Connector configuration is invalid and contains the following ${errorCount} error(s):\n${errors.join('\n')}\n` +
      'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  )
}

/** The names of properties that nothing here knows; they are accepted, and of no effect. */
export function unknownProperties(
  plugin: ConnectorPlugin,
  config: ConnectorConfig,
  { options }: ConfigValidation,
): readonly string[] {
  const known = new Set(options.map((option) => option.name))
  const passedOn =
    /^(?:(?:producer|consumer|admin)\.override|topic\.creation|(?:key|value|header)\.converter|tasks\.auto\.restart)\./
  return Object.keys(config).filter(
    (name) => !known.has(name) && !passedOn.test(name) && plugin.readsProperty?.(name, config) !== true,
  )
}

function definitionOf(
  plugin: ConnectorPlugin,
  catalogue: PluginCatalogue,
  worker: WorkerConfig | null,
): ConfigDef {
  const common = connectorOptions(plugin, catalogue, worker)
  // Named twice: the first gives the order, the last the meaning.
  return new ConfigDef({ ...common, ...plugin.configDef.options, ...common })
}

function withClassChecked(
  state: ValidatedOption,
  role: 'key' | 'value' | 'header',
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
): ValidatedOption {
  const given = config[`${role}.converter`]
  if (state.name !== `${role}.converter` || given === undefined || given === null) return state
  const type = role === 'header' ? 'header_converter' : 'converter'
  const problem = classProblem(state.name, given, catalogue, type)
  if (problem === null) return state
  return {
    ...state,
    value: problem.isKnown ? given.trim() : null,
    errors: [...state.errors, problem.message],
  }
}

/**
 * JSON null is a value that no property may have, whether anybody knows the property or not.
 *
 * @param decided the names of options for which connector and converters have decided themselves
 */
function withNulls(
  states: readonly ValidatedOption[],
  config: ConnectorConfig,
  decided: ReadonlySet<string>,
): ValidatedOption[] {
  const nulls = Object.keys(config).filter((name) => config[name] === null && !decided.has(name))
  const message = 'Null value can not be supplied as the configuration value.'
  return withIssues(
    states,
    nulls.map((option) => ({ option, message })),
    config,
  )
}

function withIssues(
  states: readonly ValidatedOption[],
  issues: readonly ConfigIssue[],
  config: ConnectorConfig,
): ValidatedOption[] {
  const attached = states.map((state) => {
    const errors = issues.filter(({ option }) => option === state.name).map(({ message }) => message)
    return errors.length === 0 ? state : { ...state, errors: [...state.errors, ...errors] }
  })
  const known = new Set(states.map((state) => state.name))
  const others = issues.filter(({ option }) => !known.has(option))
  return [
    ...attached,
    ...others.map(({ option, message }) => issueState(option, config[option] ?? null, message)),
  ]
}

/** A plugin's issue with an option that it does not define must not get lost. */
function issueState(name: string, value: string | null, error: string): ValidatedOption {
  return { name, definition: null, value, errors: [error], recommendedValues: [], visible: true }
}

function countErrors(states: readonly ValidatedOption[]): number {
  return states.reduce((sum, state) => sum + state.errors.length, 0)
}
