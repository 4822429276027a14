import { isJsonObject, tokenName, type JsonObject } from '../json/json-object.ts'
import { illegalArgument, parsingException } from '../search-error.ts'

/** The body of a clause, which must be an object. */
export function clauseObject(name: string, body: unknown): JsonObject {
  if (isJsonObject(body)) return body
  throw parsingException(`[${name}] query malformed, no start_object after query name`)
}

export interface FieldClause {
  readonly field: string
  /** `{"name": "x"}` is short for `{"name": {"<valueKey>": "x"}}`. */
  readonly options: JsonObject
}

/** `{"field": value}` or `{"field": {"query": value, ...}}`, where only `known` options may stand. */
export function fieldClause(
  name: string,
  body: unknown,
  { valueKey, known }: { valueKey: string; known: readonly string[] },
): FieldClause {
  const { boost, _name, ...rest } = clauseObject(name, body)
  const [entry, other] = Object.entries(rest)
  if (entry === undefined) {
    throw name.startsWith('match')
      ? parsingException('No text specified for text query')
      : illegalArgument('field name is null or empty')
  }
  const [field, value] = entry
  if (other !== undefined) {
    throw parsingException(
      `[${name}] query doesn't support multiple fields, found [${field}] and [${other[0]}]`,
    )
  }
  if (Array.isArray(value)) throw parsingException(`[${name}] query does not support array of values`)
  const options = isJsonObject(value) ? value : { [valueKey]: value }
  refuseUnknown(name, options, [valueKey, 'boost', '_name', ...known])
  return { field, options: boost === undefined ? options : { boost, ...options } }
}

export function refuseUnknown(name: string, options: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined) throw parsingException(`[${name}] query does not support [${unknown}]`)
}

export function boostOf(options: JsonObject): number {
  const boost = Number(options['boost'] ?? 1)
  if (Number.isFinite(boost) && boost >= 0) return boost
  throw parsingException(`negative [boost] are not allowed, found [${String(options['boost'])}]`)
}

/** A value of a query: a string, a number or a boolean. */
export function scalar(name: string, value: unknown): string | number | bigint | boolean {
  if (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  ) {
    return value
  }
  if (value === undefined || value === null)
    throw parsingException(`[${name}] query malformed, no value is given`)
  throw parsingException(`[${name}] query malformed, a value was expected but found [${tokenName(value)}]`)
}

/** How many of `count` optional clauses must match: `2`, `-1`, `75%`, `-25%`. */
export function minimumShouldMatch(spec: unknown, count: number): number {
  const found = /^(-?\d+)(%?)$/.exec(String(spec).trim())
  if (found === null)
    throw parsingException(
      `[minimum_should_match] of [${String(spec)}] is not supported: a number or a percentage`,
    )
  const amount = Number(found[1])
  const wanted = found[2] === '%' ? Math.trunc((count * Math.abs(amount)) / 100) : Math.abs(amount)
  return Math.max(0, amount < 0 ? count - wanted : wanted)
}
