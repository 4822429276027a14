import { parseExactly } from './exact-json.ts'
import { RawJson, writeJson } from './raw-json.ts'

/** Elasticsearch's `?pretty`: two spaces a level, a space on both sides of the colon. */
export function writePrettyJson(value: unknown, indent = ''): string {
  if (value instanceof RawJson && /^\s*[[{]/.test(value.text))
    return writePrettyJson(parseExactly(value.text), indent)
  if (typeof value !== 'object' || value === null || value instanceof RawJson) return writeJson(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[ ]'
    return `[\n${value.map((item) => inner + writePrettyJson(item, inner)).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value).filter(([, child]) => child !== undefined)
  if (entries.length === 0) return '{ }'
  const lines = entries.map(
    ([key, child]) => `${inner}${JSON.stringify(key)} : ${writePrettyJson(child, inner)}`,
  )
  return `{\n${lines.join(',\n')}\n${indent}}`
}
