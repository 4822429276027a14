import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A change as its own transaction noted it: what is rolled back is not there, whatever the server was put through. */
export interface CommittedChange {
  readonly kind: 'change'
  /** The order of notes. Changes of one key, and of a table that is truncated or altered, have locks: theirs is the commits'. */
  readonly seq: number
  readonly xid: number
  readonly table: string
  /** Null: of the whole table. */
  readonly key: number | null
  readonly op: 'c' | 'u' | 'd' | 't' | 'ddl'
  /** Grows with every change of any row; null where the row went. */
  readonly version: number | null
}

/** A transaction was committed between two looks at the end of the server's WAL. */
export interface Commit {
  readonly kind: 'commit'
  readonly xid: number
  readonly afterLsn: number
  /** Null: it was not acknowledged; whether and when it was committed, the notes may say. */
  readonly lsn: number | null
}

/** A record of a topic; tombstones are left out. */
export interface ShownRecord {
  readonly kind: 'record'
  readonly table: string
  readonly offset: number
  readonly op: string
  readonly key: number | null
  readonly version: number | null
  readonly stamp: string | null
  readonly xid: number
  /** Read beside the stream: of a row that was changed meanwhile the topic has the change only. */
  readonly isIncremental?: boolean
}

/** A row at the end. Texts that are long are digests. */
export interface TableRow {
  readonly kind: 'row'
  readonly table: string
  readonly key: number
  readonly columns: Readonly<Record<string, unknown>>
}

/** A document at the end. */
export interface IndexDocument {
  readonly kind: 'document'
  readonly table: string
  readonly id: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What the slot was told to be safe, and after that the ends of the topics: records from there on were not written yet. */
export interface SlotSample {
  readonly kind: 'slot'
  readonly at: string
  readonly confirmedLsn: number
  readonly ends: Readonly<Record<string, number>>
}

/** A record below the sink's committed offset, and after that the version of its document (null: none). */
export interface SinkSample {
  readonly kind: 'committed'
  readonly at: string
  readonly table: string
  readonly committed: number
  readonly offset: number
  readonly key: number
  /** The record's: a topic that is lost and made again has others at its offsets later. */
  readonly version: number
  readonly found: number | null
}

/** A document as a reader saw it at some time. */
export interface Look {
  readonly kind: 'look'
  readonly at: string
  readonly table: string
  readonly key: number
  readonly version: number
}

/** Changes noted between were lost with a name: the status said so, and the operator took the way out. */
export interface NamedGap {
  readonly kind: 'gap'
  readonly reason: string
  readonly fromSeq: number
  readonly toSeq: number
}

/** A snapshot was interrupted: what was not read by then is read as it is later than the stream begins. */
export interface Resumption {
  readonly kind: 'resumed'
  readonly at: string
}

/** A fault came or went, or something else that is good to know when a run is looked at. */
export interface Note {
  readonly kind: 'note'
  readonly at: string
  readonly text: string
}

/** What no checker has to find out: a task that failed without a reason, a worker that never came back. */
export interface Trouble {
  readonly kind: 'trouble'
  readonly at: string
  readonly text: string
}

export type HistoryLine =
  | CommittedChange
  | Commit
  | ShownRecord
  | TableRow
  | IndexDocument
  | SlotSample
  | SinkSample
  | Look
  | NamedGap
  | Resumption
  | Note
  | Trouble

type Lines<Kind extends HistoryLine['kind']> = readonly Extract<HistoryLine, { kind: Kind }>[]

/** All that is known of a run, by kind. What checkers judge. */
export class History {
  readonly #lines: ReadonlyMap<string, readonly HistoryLine[]>
  /** Whether a change may come again in the topics, as after a crash on Kafka without transactions. */
  readonly mayRepeat: boolean

  constructor(lines: readonly HistoryLine[], { mayRepeat = false }: { readonly mayRepeat?: boolean } = {}) {
    this.#lines = Map.groupBy(lines, ({ kind }) => kind)
    this.mayRepeat = mayRepeat
  }

  static async read(file: string, options: { readonly mayRepeat?: boolean } = {}): Promise<History> {
    const lines: HistoryLine[] = []
    for await (const line of createInterface({ input: createReadStream(file) })) {
      lines.push(JSON.parse(line) as HistoryLine)
    }
    return new History(lines, options)
  }

  of<Kind extends HistoryLine['kind']>(kind: Kind): Lines<Kind> {
    return (this.#lines.get(kind) ?? []) as Lines<Kind>
  }

  /** Whether the loss of what was noted then has a name. */
  isInGap(seq: number): boolean {
    return this.of('gap').some(({ fromSeq, toSeq }) => seq >= fromSeq && seq <= toSeq)
  }
}

/** Where something is not as it must be. */
export interface Violation {
  readonly checker: string
  /** `table t1, key 7`, … */
  readonly where: string
  readonly what: string
}
