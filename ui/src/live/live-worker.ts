import { serverEvents } from '../api/event-stream.ts'
import { parseExact } from '../api/exact-json.ts'
import { ConnectorHistory } from './connector-history.ts'
import { LENGTH } from './series.ts'
import { WorkerTotals } from './worker-totals.ts'
import type { ConnectorChanges, ConnectorView, Sample, WorkerInfo } from './worker-events.ts'

export type Connection = 'connecting' | 'open' | 'lost'

const FIRST_PAUSE_MS = 500
const MOST_PAUSE_MS = 5_000

/** What the page knows of the worker: kept up to date by its events while the page is looked at. */
export class LiveWorker {
  connection: Connection = 'connecting'
  info: WorkerInfo | null = null
  /** In order of name; a new array with each change. */
  connectors: readonly ConnectorView[] = []
  /** Seconds since 1970 of the samples in all series. */
  readonly times = new Float64Array(LENGTH).fill(NaN)
  readonly totals = new WorkerTotals()
  memoryBytes = 0
  /** Grows with each sample. */
  samples = 0
  readonly #histories = new Map<string, ConnectorHistory>()
  readonly #stateListeners = new Set<() => void>()
  readonly #sampleListeners = new Set<() => void>()

  /** Follows the worker until aborted; after a lost connection again. */
  async follow(signal: AbortSignal): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
      try {
        for await (const { name, data } of serverEvents('/events', signal)) {
          pauseMs = FIRST_PAUSE_MS
          this.#take(name, data)
        }
      } catch {
        // Nobody answers, or wants a login first: the connection's state says it.
      }
      if (signal.aborted) return
      this.#setConnection('lost')
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  history(connector: string): ConnectorHistory | null {
    return this.#histories.get(connector) ?? null
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  readonly onSample = (listener: () => void): (() => void) => {
    this.#sampleListeners.add(listener)
    return () => this.#sampleListeners.delete(listener)
  }

  #take(name: string, data: string): void {
    switch (name) {
      case 'worker':
        this.info = parseExact(data) as WorkerInfo
        this.connectors = []
        return this.#setConnection('open')
      case 'connectors':
        return this.#change(parseExact(data) as ConnectorChanges)
      case 'sample':
        return this.#sample(parseExact(data) as Sample)
    }
  }

  #change({ changed, removed }: ConnectorChanges): void {
    const byName = new Map(this.connectors.map((connector) => [connector.name, connector]))
    for (const name of removed) {
      byName.delete(name)
      this.#histories.delete(name)
    }
    for (const connector of changed) byName.set(connector.name, connector)
    this.connectors = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    tell(this.#stateListeners)
  }

  #sample({ at, memory_bytes: memoryBytes, connectors }: Sample): void {
    this.times.copyWithin(0, 1)
    this.times[LENGTH - 1] = at / 1000
    this.memoryBytes = memoryBytes
    for (const { name } of this.connectors) {
      let history = this.#histories.get(name)
      if (history === undefined) this.#histories.set(name, (history = new ConnectorHistory()))
      history.push(connectors[name] ?? {}, at)
    }
    this.totals.push(this.connectors, (name) => this.history(name))
    this.samples++
    tell(this.#sampleListeners)
  }

  #setConnection(connection: Connection): void {
    this.connection = connection
    tell(this.#stateListeners)
  }
}

function tell(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener()
}
