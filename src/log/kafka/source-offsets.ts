import { ConnectError } from '../../api/errors.ts'
import { SOURCE_OFFSETS, type StateEntry } from '../log.ts'
import type { StateTable } from './state-topic.ts'

/** The source offsets that a log keeps, in a topic of its own or of the log that it came from. */
export class SourceOffsets {
  readonly table: StateTable
  /** Where offsets are looked for that the table does not have, and kept for those who look there. */
  readonly #fallback: StateTable | null

  constructor(table: StateTable, fallback: StateTable | null) {
    this.table = table
    this.#fallback = fallback
  }

  async read(): Promise<ReadonlyMap<string, string>> {
    return new Map([...((await this.#fallback?.read()) ?? []), ...(await this.table.read())])
  }

  async write(entries: readonly StateEntry[]): Promise<void> {
    await this.table.write(pairs(entries))
  }

  /** Whoever asks the worker for offsets does not know of a connector's own topic. What counts is stored by now. */
  async writeFallback(entries: readonly StateEntry[]): Promise<void> {
    if (entries.length > 0) await this.#fallback?.write(pairs(entries))
  }
}

/** Everything else that is to be remembered, the workers of a Kafka cluster keep in topics that they share. */
export function requireOffsets(space: string): void {
  if (space === SOURCE_OFFSETS) return
  throw new ConnectError(
    'log.kafka-refused',
    `The log on Kafka keeps source offsets and no state of ${space}`,
  )
}

function pairs(entries: readonly StateEntry[]): (readonly [string, string | null])[] {
  return entries.map(({ key, value }) => [key, value] as const)
}
