import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** How records are provoked, and what of them is looked at. See `records/README.md`. */
export interface Scenario {
  readonly name: string
  readonly shows: string
  /** The reference does something odd here. */
  readonly quirk?: string
  readonly setup?: readonly string[]
  readonly config?: Readonly<Record<string, string | null>>
  readonly steps?: readonly ScenarioStep[]
  /** Needs this extension in the server, which is none of PostgreSQL's own. */
  readonly extension?: string
  /** All of them. */
  readonly records: number
  readonly topics: readonly string[]
  /** Topics whose distinct records count, not their number. */
  readonly any_count?: readonly string[]
  readonly ignore_topics?: readonly string[]
  /** The records of the snapshot come in any order. */
  readonly free_order?: readonly string[]
  /** Only the last row of each key counts. */
  readonly last_per_key?: readonly string[]
  /** More names of fields that differ from run to run. */
  readonly volatile?: readonly string[]
  readonly free_sequence?: boolean
  /** The fields of objects under these names come in any order. */
  readonly free_fields?: readonly string[]
}

export type ScenarioStep =
  | { readonly sql: string | readonly string[]; readonly conn?: string }
  | { readonly wait: number | Readonly<Record<string, number>> }
  | { readonly streaming: boolean }
  | { readonly rest: readonly [method: string, path: string, body?: unknown] }
  | { readonly state: string }
  | { readonly query: string }
  | { readonly await_keys: readonly [topic: string, keys: readonly unknown[]] }
  | { readonly kafka: { readonly topic: string; readonly key?: string; readonly value?: string } }

const FOLDER = new URL('records/', import.meta.url)

export function scenarioNames(): readonly string[] {
  return readdirSync(new URL('scenarios', FOLDER)).map((file) => file.replace('.json', ''))
}

export function needsKafka(scenario: Scenario): boolean {
  return (scenario.steps ?? []).some((step) => 'kafka' in step)
}

export function readScenario(name: string): Scenario {
  return JSON.parse(readFileSync(new URL(`scenarios/${name}.json`, FOLDER), 'utf8')) as Scenario
}

/** What the records must be: the reference's, or where that is wrong about data, what is right. */
export function goldenText(name: string): string {
  const right = rightFile(name)
  return readFileSync(existsSync(right) ? right : new URL(`golden/${name}.json`, FOLDER), 'utf8')
}

export function rightFile(name: string): URL {
  return new URL(`right/${name}.json`, FOLDER)
}

/** `%name%` and its like replaced, in all texts of a part of a scenario. */
export function filled<T>(part: T, variables: Readonly<Record<string, string>>): T {
  const text = JSON.stringify(part).replaceAll(/%(\w+)%/g, (whole, name: string) =>
    variables[name] === undefined ? whole : JSON.stringify(variables[name]).slice(1, -1),
  )
  return JSON.parse(text) as T
}
