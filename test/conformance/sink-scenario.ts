import { readdirSync, readFileSync } from 'node:fs'
import type { ElasticsearchFault } from '../servers/faulty-elasticsearch.ts'
import { parseJson, type Json } from './lossless-json.ts'

/** Records, a sink's configuration, and what of the outcome is looked at. See `sink/README.md`. */
export interface SinkScenario {
  readonly name: string
  readonly purpose: string
  readonly topics?: Readonly<Record<string, number>>
  readonly before?: readonly SinkStep[]
  readonly records?: readonly ScenarioRecord[]
  readonly config?: Overrides
  readonly steps?: readonly SinkStep[]
  readonly until?: Condition
  readonly settle_ms?: number
  readonly record: {
    readonly docs?: readonly string[]
    readonly digests?: readonly string[]
    readonly mappings?: readonly string[]
    readonly dlq?: string
    readonly offsets?: number
    readonly status?: boolean
    readonly versions?: boolean
    readonly anonymous_ids?: boolean
  }
  readonly fake_es?: ElasticsearchFault
  /** Parts of the outcome that are not compared: texts that only a JVM can make. */
  readonly ignore?: readonly Path[]
  /** Texts that need only match. */
  readonly loose?: readonly (readonly [path: Path, pattern: string])[]
}

export type Path = readonly (string | number)[]

/** Laid over the properties of the walk-through's sink; null takes one away. */
export type Overrides = Readonly<Record<string, string | null>>

export interface ScenarioRecord {
  readonly topic?: string
  readonly partition?: number
  readonly key?: string | null
  readonly key_hex?: string
  readonly value?: string | null
  readonly value_hex?: string
  readonly headers?: readonly (readonly [name: string, value: string | null])[]
  readonly timestamp?: number
  readonly repeat?: number
  readonly pad?: number
}

export type SinkStep =
  | { readonly produce: readonly ScenarioRecord[] }
  | { readonly rest: string; readonly body?: unknown; readonly save?: string }
  | { readonly create: Overrides; readonly name?: string; readonly save?: string }
  | { readonly es: string; readonly body?: unknown; readonly may_fail?: boolean }
  | { readonly wait: Condition; readonly deadline_s?: number; readonly may_fail?: boolean }
  | { readonly sleep_ms: number }
  | { readonly save_status: string }
  | { readonly save_docs: readonly [label: string, index: string] }

/** All of it must hold. */
export interface Condition {
  /** So many documents, by index. */
  readonly docs?: Readonly<Record<string, number>>
  /** A document's fields; null: there is no such document. */
  readonly doc?: readonly [index: string, id: string, fields: Readonly<Record<string, unknown>> | null]
  /** The state of all tasks; FAILED: of one. */
  readonly task?: string
  readonly tasks?: number
  readonly connector?: string
  /** At least so many dead letters. */
  readonly dlq?: number
  /** At least this sum of the connector's offsets. */
  readonly offsets?: number
  readonly any?: readonly Condition[]
}

const FOLDER = new URL('sink/', import.meta.url)

export function sinkScenarioNames(): readonly string[] {
  return readdirSync(new URL('scenarios', FOLDER))
    .map((file) => file.replace('.json', ''))
    .sort()
}

/** `@R@` and its like stand for what is known only when it is played. */
export function readSinkScenario(name: string, values: Readonly<Record<string, string>> = {}): SinkScenario {
  const text = readFileSync(new URL(`scenarios/${name}.json`, FOLDER), 'utf8').replaceAll(
    /@(\w+)@/g,
    (whole, variable: string) => values[variable] ?? whole,
  )
  return JSON.parse(text) as SinkScenario
}

/** What must come out: what the reference did, or where that lost or altered data, what is right. */
export function sinkGolden(name: string): ReadonlyMap<string, Json> {
  const golden = parseJson(readFileSync(new URL(`golden/${name}.json`, FOLDER), 'utf8')) as ReadonlyMap<
    string,
    Json
  >
  return (golden.get('required') ?? golden.get('reference')) as ReadonlyMap<string, Json>
}
