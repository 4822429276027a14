import { readFileSync } from 'node:fs'

/** A scenario and the records that the reference wrote in it. See `records/README.md`. */
export interface RecordScenario {
  readonly name: string
  readonly shows: string
  /** The reference does something odd here: to be equal or right, never a third thing. */
  readonly quirk?: string
  readonly setup: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly steps: readonly ScenarioStep[]
  readonly records: readonly ExpectedRecord[]
}

export type ScenarioStep =
  | { readonly wait: number }
  | { readonly streaming: true }
  | { readonly sql: readonly string[]; readonly conn?: string }

export interface ExpectedRecord {
  readonly topic: string
  /** The bytes as text; null: there are none. Masks stand for what differs from run to run. */
  readonly key: string | null
  readonly value: string | null
  /** Those besides the context headers. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** False: no context headers. */
  readonly context?: false
}

/** @param variables what `%name%` stands for in a scenario */
export function readScenario(name: string, variables: Readonly<Record<string, string>>): RecordScenario {
  const file = new URL(`records/${name}.json`, import.meta.url)
  const text = readFileSync(file, 'utf8').replaceAll(
    /%(\w+)%/g,
    (whole, variable: string) => variables[variable] ?? whole,
  )
  return JSON.parse(text) as RecordScenario
}

const MASKS: readonly (readonly [mask: string, pattern: string])[] = [
  ['"<int>"', String.raw`-?\d+`],
  ['"<string>"', '"[^"]*"'],
  ['<lsn>', String.raw`\d+`],
]

/** Whether a text is as expected: the same bytes but for masks and for how a character of a string is escaped. */
export function isAsExpected(actual: string | null, expected: string | null): boolean {
  if (actual === null || expected === null) return actual === expected
  let pattern = escapePattern(canonical(expected))
  for (const [mask, replacement] of MASKS) {
    pattern = pattern.replaceAll(escapePattern(mask), replacement)
  }
  return new RegExp(`^${pattern}$`, 's').test(canonical(actual))
}

/** Each JSON string written in one way. */
function canonical(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (string) => {
    try {
      return JSON.stringify(JSON.parse(string))
    } catch {
      return string
    }
  })
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
