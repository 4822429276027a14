import { NotFoundError } from '../../api/errors.ts'
import {
  connectorReport,
  needsAttention,
  type ConnectorReport,
  type ConnectorView,
  type Numbers,
} from './connector-report.ts'
import type { WorkerEvent } from './worker-events.ts'

interface Sample {
  readonly atMs: number
  readonly connectors: Readonly<Record<string, Numbers>>
}

/** Rates of less are noise. */
const LEAST_APART_MS = 400
const NOTHING: Numbers = {}

/** What is known of a worker and its connectors, from its events. */
export class WorkerState {
  version = ''
  kafkaClusterId = ''
  memoryBytes = 0
  /** How many of them have come from this worker. */
  samples = 0
  readonly #connectors = new Map<string, ConnectorView>()
  #last: Sample | null = null
  #before: Sample | null = null

  take({ name, data }: WorkerEvent): void {
    switch (name) {
      case 'worker':
        // It may be another one, or the same with counters that begin anew.
        this.version = data['version'] as string
        this.kafkaClusterId = data['kafka_cluster_id'] as string
        this.samples = 0
        this.#connectors.clear()
        this.#last = this.#before = null
        return
      case 'connectors': {
        const { changed, removed } = data as unknown as {
          readonly changed: readonly ConnectorView[]
          readonly removed: readonly string[]
        }
        for (const name of removed) this.#connectors.delete(name)
        for (const connector of changed) this.#connectors.set(connector.name, connector)
        return
      }
      case 'sample':
        this.samples++
        this.memoryBytes = Number(data['memory_bytes'])
        this.#before = this.#last
        this.#last = {
          atMs: Number(data['at']),
          connectors: data['connectors'] as Readonly<Record<string, Numbers>>,
        }
    }
  }

  /** Throws `NotFoundError` where the worker has none of one of these names. */
  requireConnectors(names: readonly string[]): void {
    const unknown = names.find((name) => !this.#connectors.has(name))
    if (unknown === undefined) return
    throw new NotFoundError('connect.connector-unknown', `Connector ${unknown} not found`)
  }

  /** What needs attention first, then by name. @param names empty: all */
  reports(names: readonly string[]): readonly ConnectorReport[] {
    return [...this.#connectors.values()]
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .map((view) => this.#report(view))
      .sort((a, b) => Number(needsAttention(b)) - Number(needsAttention(a)) || (a.name < b.name ? -1 : 1))
  }

  /** Whether there are rates, and how far each sink is behind that has tasks. */
  get isMeasured(): boolean {
    const [last, before] = [this.#last, this.#before]
    return (
      last !== null &&
      before !== null &&
      last.atMs - before.atMs >= LEAST_APART_MS &&
      [...this.#connectors.values()].every(
        ({ name, type, tasks }) =>
          type !== 'sink' || tasks.length === 0 || last.connectors[name]?.['lag_records'] !== undefined,
      )
    )
  }

  #report(view: ConnectorView): ConnectorReport {
    const [last, before] = [this.#last, this.#before]
    const numbers = before?.connectors[view.name]
    return connectorReport(
      view,
      last?.connectors[view.name] ?? NOTHING,
      last === null || before === null || numbers === undefined
        ? null
        : { numbers, seconds: (last.atMs - before.atMs) / 1000 },
    )
  }
}
