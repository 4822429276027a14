import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { isPositive } from './checks.ts'
import { isColumnRule } from './column-rules.ts'
import { readsReselectProperty } from './reselect-options.ts'
import { readsSignalProperty } from './signal-options.ts'
import { readsTopicProperty } from './topic-naming.ts'

/** With a table behind them. */
const OF_TABLES = /^snapshot\.(?:select\.statement\.overrides|max\.threads\.multiplier)\../
const MULTIPLIER = /^snapshot\.max\.threads\.multiplier\../

/** Whether a property is read here that `validate` does not list, as the reference does not. */
export function readsProperty(name: string, config: ConnectorConfig): boolean {
  return (
    name === 'read.only' ||
    OF_TABLES.test(name) ||
    isColumnRule(name) ||
    readsSignalProperty(name) ||
    readsTopicProperty(name, config) ||
    readsReselectProperty(name, config)
  )
}

/** What is wrong with those of them that no one else looks at. */
export function openPropertyIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  return Object.entries(config).flatMap(([option, text]) => {
    const problem = MULTIPLIER.test(option) && text?.trim() ? isPositive(text.trim(), config) : null
    return problem === null ? [] : [{ option, message: `The '${option}' value is invalid: ${problem}` }]
  })
}
