import { compilePattern } from './java-pattern.ts'

/** Compiles `message.key.columns`: `table-pattern:column,column;…`. The first pattern that fits a table rules. */
export function messageKeyColumns(text: string): (schema: string, table: string) => readonly string[] | null {
  const rules = text
    .split(';')
    .filter((rule) => rule.trim() !== '')
    .map((rule) => {
      const colon = rule.lastIndexOf(':')
      return {
        pattern: compilePattern(rule.slice(0, colon).trim()),
        columns: rule
          .slice(colon + 1)
          .split(',')
          .map((column) => column.trim()),
      }
    })
  return (schema, table) => rules.find(({ pattern }) => pattern.test(`${schema}.${table}`))?.columns ?? null
}
