import type { MetricGroup, Metrics } from '../../api/metrics.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { ErrantRecordReporter, SinkTaskContext } from '../../api/sink-task.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** The runtime's side of a sink task, kept in memory. */
export class MemoryContext implements SinkTaskContext {
  readonly connectorName = 'sink'
  readonly taskId = 0
  readonly logged: LogLine[] = []
  readonly reported: { readonly origin: SinkRecord['origin']; readonly error: unknown }[] = []
  readonly errors: unknown[] = []
  commitRequests = 0
  readonly stopping = new AbortController()
  readonly signal = this.stopping.signal
  readonly log = {
    debug: (fields: object, message: string) => void this.logged.push({ level: 'debug', fields, message }),
    info: (fields: object, message: string) => void this.logged.push({ level: 'info', fields, message }),
    warn: (fields: object, message: string) => void this.logged.push({ level: 'warn', fields, message }),
    error: (fields: object, message: string) => void this.logged.push({ level: 'error', fields, message }),
  }
  readonly errantRecords: ErrantRecordReporter | null
  #waiters: (() => void)[] = []

  constructor({ hasDeadLetters = false } = {}) {
    this.errantRecords = hasDeadLetters
      ? {
          report: ({ origin }, error) => {
            this.reported.push({ origin, error })
            return Promise.resolve()
          },
        }
      : null
  }

  /** Counters, and how often a histogram was added to, by name and the group's cause where it has one. */
  readonly counted = new Map<string, number>()

  metrics<N extends string>({ labels }: MetricGroup<N>): Metrics<N> {
    const { counted } = this
    return {
      set: () => {},
      observe: (name) => void counted.set(name, (counted.get(name) ?? 0) + 1),
      add(name, count = 1) {
        const key = [name, labels['cause']].filter(Boolean).join(' ')
        counted.set(key, (counted.get(key) ?? 0) + count)
      },
    }
  }

  fail(error: unknown): void {
    this.errors.push(error)
    this.#wake()
  }

  requestCommit(): void {
    this.commitRequests++
    this.#wake()
  }

  warnings(): readonly string[] {
    return this.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)
  }

  /** Waits until the condition holds, looking each time the task reports. Throws after `timeoutMs`. */
  async until(condition: () => boolean | Promise<boolean>, timeoutMs = 120_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('The awaited condition did not come about in time')
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20)
        this.#waiters.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
