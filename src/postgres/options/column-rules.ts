import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { compilePatterns } from '../../api/java/java-pattern.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import type { Column } from '../catalog/relation.ts'
import { hashText, type ColumnRule } from '../types/column-rule.ts'
import { sourceTypeName } from '../types/source-type.ts'

/** The rule for a column, or null. */
export type ColumnRules = (schema: string, table: string, column: Column) => ColumnRule | null

const TRUNCATE = /^column\.truncate\.to\.(\d+)\.chars$/
const MASK = /^column\.mask\.with\.(\d+)\.chars$/
const HASH = /^column\.mask\.hash\.(v2\.)?([^.]+)\.with\.salt\.(.+)$/
const SOURCE_TYPE = /^(column|datatype)\.propagate\.source\.type$/

interface NamedRule {
  readonly rule: ColumnRule
  matches(schema: string, table: string, column: Column): boolean
}

/** Whether an option's name says what is to become of columns. */
export function isColumnRule(name: string): boolean {
  return TRUNCATE.test(name) || MASK.test(name) || HASH.test(name)
}

/** What is wrong with options whose names carry a part of their value, in the words of the others. */
export function columnRuleIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  return Object.entries(config)
    .filter(([name, list]) => isColumnRule(name) && list?.trim())
    .flatMap(([option, list]) => {
      const problem = ruleProblem(option, list!)
      return problem === null ? [] : [{ option, message: `The '${option}' value is invalid: ${problem}` }]
    })
}

function ruleProblem(name: string, list: string): string | null {
  if (TRUNCATE.exec(name)?.[1] === '0') return 'Maximum length must be positive'
  try {
    const [hashing] = hashRule(name, list)
    if (hashing?.rule.kind === 'hash') hashText('', hashing.rule)
    else compilePatterns(list)
    return null
  } catch (error) {
    return HASH.test(name) && !(error instanceof ConfigError)
      ? `${HASH.exec(name)![2]} is not a hash algorithm that is available here`
      : `A comma-separated list of valid regular expressions is expected, but ${(error as Error).message}`
  }
}

/** The rules of a configuration, in the order in which they are asked: truncating, masking, hashing, source types. */
export function columnRules(config: ConnectorConfig): ColumnRules {
  const all = Object.entries(config)
  const rules = [truncateRule, maskRule, hashRule, sourceTypeRule].flatMap((read) =>
    all.flatMap(([name, list]) => (list?.trim() ? read(name, list) : [])),
  )
  return (schema, table, column) => rules.find((named) => named.matches(schema, table, column))?.rule ?? null
}

function truncateRule(name: string, list: string): NamedRule[] {
  const match = TRUNCATE.exec(name)
  return match === null ? [] : [byColumn(list, { kind: 'truncate', length: Number(match[1]) })]
}

function maskRule(name: string, list: string): NamedRule[] {
  const match = MASK.exec(name)
  return match === null ? [] : [byColumn(list, { kind: 'mask', length: Number(match[1]) })]
}

function hashRule(name: string, list: string): NamedRule[] {
  const match = HASH.exec(name)
  if (match === null) return []
  const version = match[1] === undefined ? 1 : 2
  return [byColumn(list, { kind: 'hash', version, algorithm: match[2]!, salt: match[3]! })]
}

function sourceTypeRule(name: string, list: string): NamedRule[] {
  const match = SOURCE_TYPE.exec(name)
  if (match === null) return []
  const rule = { kind: 'source-type' } as const
  return [match[1] === 'column' ? byColumn(list, rule) : byType(list, rule)]
}

function byColumn(list: string, rule: ColumnRule): NamedRule {
  const patterns = compilePatterns(list)
  return {
    rule,
    matches: (schema, table, { name }) =>
      patterns.some((pattern) => pattern.matches(`${schema}.${table}.${name}`)),
  }
}

function byType(list: string, rule: ColumnRule): NamedRule {
  const patterns = compilePatterns(list)
  return {
    rule,
    matches: (schema, table, column) =>
      patterns.some((pattern) => pattern.matches(`${schema}.${table}.${sourceTypeName(column)}`)),
  }
}
