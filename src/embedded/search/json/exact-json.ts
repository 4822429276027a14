import { checkNesting } from './nesting.ts'
import { RawJson } from './raw-json.ts'

interface ReviverContext {
  /** The number as it stands in the text. */
  readonly source?: string
}

type Reviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown

// lib.es2024 knows neither the third argument of the reviver nor what it carries.
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown

function keepToken(value: unknown, { source }: ReviverContext): unknown {
  return typeof value === 'number' && source !== undefined && String(value) !== source
    ? new RawJson(source)
    : value
}

function keepInteger(value: unknown, { source }: ReviverContext): unknown {
  return typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    INTEGER.test(source)
    ? BigInt(source)
    : value
}

const INTEGER = /^-?\d+$/
/** Only a text with such a run of digits can hold an integer beyond 2^53. */
const LONG_RUN = /9\d{15}|\d{17}/

/** Parses so that writing it again gives the same numbers: `1.0` and integers beyond 2^53 become `RawJson`. */
export function parseExactly(text: string): unknown {
  checkNesting(text)
  return parseWith(text, (_key, value, context) => keepToken(value, context))
}

/**
 * Parses for comparing and indexing: integers beyond 2^53 become `bigint`, all other numbers `number`. The reviver is
 * three times slower than a plain parse, so it runs only where a run of digits makes it necessary.
 */
export function parseForIndexing(text: string): unknown {
  checkNesting(text)
  return LONG_RUN.test(text)
    ? parseWith(text, (_key, value, context) => keepInteger(value, context))
    : JSON.parse(text)
}
