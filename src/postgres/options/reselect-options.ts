import type { ConnectorConfig } from '../../api/config-def.ts'
import { compilePatterns } from '../../api/java/java-pattern.ts'
import type { ConfigIssue } from '../../api/plugin.ts'

const RESELECT = 'io.debezium.processors.reselect.ReselectColumnsPostProcessor'

const PROPERTIES: ReadonlySet<string> = new Set([
  'type',
  'reselect.unavailable.values',
  'reselect.null.values',
  'reselect.error.handling.mode',
  'reselect.columns.include.list',
  'reselect.columns.exclude.list',
])

/** Which values of a change are read again from the table: what `ReselectColumnsPostProcessor` is told. */
export interface ReselectOptions {
  /** Unchanged TOASTed values, which PostgreSQL does not send. */
  readonly unavailableValues: boolean
  readonly nullValues: boolean
  /** Whether a change fails whose values cannot be read; otherwise it stays as it is. */
  readonly isFailing: boolean
  isColumnSelected(schema: string, table: string, column: string): boolean
}

/** Null: `post.processors` names none. */
export function reselectOptions(config: ConnectorConfig): ReselectOptions | null {
  const [name] = processors(config)
  if (name === undefined) return null
  const text = (option: string, byDefault: string): string =>
    (config[`${name}.reselect.${option}`]?.trim() || byDefault).toLowerCase()
  const included = compilePatterns(config[`${name}.reselect.columns.include.list`] ?? '')
  const excluded = compilePatterns(config[`${name}.reselect.columns.exclude.list`] ?? '')
  return {
    unavailableValues: text('unavailable.values', 'true') === 'true',
    nullValues: text('null.values', 'true') === 'true',
    isFailing: text('error.handling.mode', 'warn') === 'fail',
    isColumnSelected: (schema, table, column) => {
      const qualified = `${schema}.${table}:${column}`
      if (included.length > 0) return included.some((pattern) => pattern.matches(qualified))
      return !excluded.some((pattern) => pattern.matches(qualified))
    },
  }
}

/** Whether a property belongs to the post processor. */
export function readsReselectProperty(property: string, config: ConnectorConfig): boolean {
  return processors(config).some(
    (name) => property.startsWith(`${name}.`) && PROPERTIES.has(property.slice(name.length + 1)),
  )
}

/** Other post processors are Java classes, which cannot be loaded here. */
export function postProcessorIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  const names = processors(config)
  if (names.length > 1) {
    return [issue('post.processors', 'One post processor is expected at most')]
  }
  return names.flatMap((name) => {
    const wrongType = config[`${name}.type`]?.trim() !== RESELECT
    const lists = ['include', 'exclude'].map((kind) => `${name}.reselect.columns.${kind}.list`)
    return [
      ...(wrongType ? [issue(`${name}.type`, `Only ${RESELECT} is known here`)] : []),
      ...lists.flatMap((list) => {
        try {
          compilePatterns(config[list] ?? '')
          return []
        } catch (error) {
          return [issue(list, (error as Error).message)]
        }
      }),
    ]
  })
}

function processors(config: ConnectorConfig): readonly string[] {
  return (config['post.processors'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function issue(option: string, problem: string): ConfigIssue {
  return { option, message: `The '${option}' value is invalid: ${problem}` }
}
