import type { ConnectorConfig } from './config-def.ts'

/** What was found when the world outside was looked at, before a connector starts. */
export interface Finding {
  /** What was looked at: `wal_level`, `table public.orders`. */
  readonly check: string
  /** `WARN`: it works, and may hurt later. `FAIL`: the connector would fail, or leave changes out. */
  readonly level: 'OK' | 'WARN' | 'FAIL'
  /** What is so. */
  readonly message: string
  /** What mends it. */
  readonly remedy?: Remedy
}

export interface Remedy {
  /** Statements, settings or commands, as they can be pasted: SQL for a superuser, a request, an option. */
  readonly apply: string
  /** What they are for. */
  readonly where: 'sql' | 'request' | 'connector' | 'shell' | 'by hand'
  /** The server has to be restarted afterwards. */
  readonly thenRestart?: true
}

/** A topic that a source would write, and the columns of its rows. */
export interface CapturedTopic {
  readonly topic: string
  readonly columns: readonly CapturedColumn[]
}

export interface CapturedColumn {
  readonly name: string
  /** How the value stands in JSON; null: it depends on more than the type. */
  readonly kind: 'number' | 'boolean' | 'text' | null
}

export interface PreflightContext {
  readonly signal: AbortSignal
  /** What the source before it would send to a sink. */
  readonly topics: readonly CapturedTopic[]
}

export interface PreflightReport {
  readonly findings: readonly Finding[]
  readonly topics?: readonly CapturedTopic[]
}

/** Looks at everything that a connector with this configuration needs. What it finds is never an error. */
export type Preflight = (config: ConnectorConfig, context: PreflightContext) => Promise<PreflightReport>

export function ok(check: string, message: string): Finding {
  return { check, level: 'OK', message }
}

export function warn(check: string, message: string, remedy: Remedy): Finding {
  return { check, level: 'WARN', message, remedy }
}

export function fail(check: string, message: string, remedy: Remedy): Finding {
  return { check, level: 'FAIL', message, remedy }
}
