import type { WorkerProcess } from '../servers/worker.ts'

export type Row = Readonly<Record<string, string | number | null>>

interface Envelope {
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
  readonly source: { readonly lsn: number; readonly txId: number; readonly snapshot: string }
}

/**
 * A table as the records of its topic have it, keyed by `id`. Records may not come twice, nor one after another that
 * excludes it: what does not fit is noted, with all that the topic says of the row.
 */
export class ReplayedTable {
  readonly rows = new Map<unknown, Row>()
  /** The first record that does not fit what came before, and the history of its row; null: all do. */
  problem: string | null = null
  readonly #worker: WorkerProcess
  readonly #topic: string
  readonly #history: { readonly offset: number; readonly envelope: Envelope }[] = []
  #offset = 0

  constructor(worker: WorkerProcess, topic: string) {
    this.#worker = worker
    this.#topic = topic
  }

  /** Reads what is new; whether the topic exists. */
  async read(): Promise<boolean> {
    for (;;) {
      const { status, body } = await this.#worker.rest(
        'GET',
        `/topics/${this.#topic}/records?partition=0&offset=${this.#offset}&limit=1000`,
      )
      if (status !== 200) return false
      const { records, next_offset: next } = body as {
        records: { offset: number; value: string | null }[]
        next_offset: number
      }
      if (next === this.#offset) return true
      this.#offset = next
      for (const { offset, value } of records)
        if (value !== null) this.#apply(offset, JSON.parse(value) as Envelope)
    }
  }

  /** What the topic says of a row, a line for each record. */
  history(id: unknown): string {
    return this.#history
      .filter(
        ({ envelope: { op, before, after } }) => op === 't' || before?.['id'] === id || after?.['id'] === id,
      )
      .map(({ offset, envelope: { op, before, after, source } }) => {
        const at = `lsn ${source.lsn.toString(16)} txId ${source.txId} snapshot ${source.snapshot}`
        return `offset ${offset} ${op} ${at} ${JSON.stringify(after ?? before)}`
      })
      .join('\n')
  }

  #apply(offset: number, envelope: Envelope): void {
    this.#history.push({ offset, envelope })
    const { op, before, after } = envelope
    const id = (after ?? before)?.['id']
    if (op === 't') this.rows.clear()
    else if (this.rows.has(id) !== (op === 'u' || op === 'd'))
      this.problem ??= `offset ${offset}: ${op} of row ${id}, which is ${this.rows.has(id) ? '' : 'not '}there\n${this.history(id)}`
    if (op === 'd') this.rows.delete(id)
    else if (after !== null) this.rows.set(id, after)
  }
}
