import { BackendStream, unexpectedMessage, type BackendListener } from '../../wire/backend-stream.ts'
import type { PostgresConnection } from '../../wire/connection.ts'
import { Cursor } from '../../wire/cursor.ts'
import { readServerError } from '../../wire/server-error.ts'

/** What is to be done for one chunk, in this order, in one go. */
export interface ChunkRequest {
  /** Statements that commit the watermarks before the chunk, together; empty: none. */
  readonly watermarks: readonly string[]
  readonly lock: string
  /** A query of one row with `pg_current_snapshot()` and the table's fingerprint. */
  readonly describe: string
  readonly copy: string
  /** A query of one row with the position of the WAL after reading; null: not needed. */
  readonly position: string | null
  described(snapshot: string, fingerprint: string): void
  row(bytes: Buffer, start: number, end: number): void
}

/** The step of a request that an error came in. */
export class ChunkStepError extends Error {
  readonly step: 'watermarks' | 'read'

  constructor(step: 'watermarks' | 'read', cause: unknown) {
    super(cause instanceof Error ? cause.message : 'the connection was closed', { cause })
    this.step = step
  }
}

const TYPE = {
  copyData: 'd'.charCodeAt(0),
  copyOut: 'H'.charCodeAt(0),
  copyDone: 'c'.charCodeAt(0),
  commandComplete: 'C'.charCodeAt(0),
  parseComplete: '1'.charCodeAt(0),
  bindComplete: '2'.charCodeAt(0),
  rowDescription: 'T'.charCodeAt(0),
  dataRow: 'D'.charCodeAt(0),
  ready: 'Z'.charCodeAt(0),
  error: 'E'.charCodeAt(0),
  notice: 'N'.charCodeAt(0),
  parameter: 'S'.charCodeAt(0),
} as const

type RowReader = Pick<ChunkRequest, 'row'>

interface Answer {
  readonly rows: (string | null)[][]
  error: unknown
  readonly reader: RowReader | null
  readonly onDone: (answer: Answer) => void
}

/**
 * Reads chunks: all statements of one are sent at once, so that it costs one round trip. The COPY goes as a prepared
 * statement, which cannot be more than one, and in a transaction that cannot write: a condition that came with a signal
 * can do nothing but select.
 */
export class ChunkConnection implements BackendListener {
  readonly #stream: BackendStream
  readonly #cursor = new Cursor()
  readonly #answers: Answer[] = []
  #failure: unknown = null

  constructor(connection: PostgresConnection) {
    this.#stream = new BackendStream(connection, this)
  }

  get isOpen(): boolean {
    return this.#failure === null && !this.#stream.isClosed
  }

  close(): void {
    this.#stream.close()
    this.closed(new Error('the connection was closed'))
  }

  /** Statements in one transaction. */
  async commit(statements: readonly string[]): Promise<void> {
    const { error } = await this.#query(transaction(statements))
    if (error === null) return
    await this.#query('ROLLBACK')
    throw new ChunkStepError('watermarks', error)
  }

  /** Single selects in a transaction that cannot write; the rows of each. */
  async select(queries: readonly string[]): Promise<(readonly (readonly (string | null)[])[])[]> {
    const begun = this.#query('BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY')
    const selected = queries.map((sql) => this.#execute(sql, null))
    const answers = await Promise.all([begun, ...selected, this.#query('COMMIT')])
    const failed = answers.find(({ error }) => error !== null)
    if (failed !== undefined) throw new ChunkStepError('read', failed.error)
    return answers.slice(1, -1).map(({ rows }) => rows)
  }

  /** Resolves when all rows were given to `row`, with the position where it was asked for. */
  async read(request: ChunkRequest): Promise<string | null> {
    const { watermarks, position } = request
    const steps: Promise<Answer>[] = []
    if (watermarks.length > 0) steps.push(this.#query(transaction(watermarks)))
    const opened = steps[0] ?? null
    const described = this.#query(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ${request.lock}; ${request.describe}`,
    ).then((answer) => {
      const [snapshot, fingerprint] = answer.rows[0] ?? []
      if (answer.error === null) request.described(snapshot ?? '', fingerprint ?? '')
      return answer
    })
    steps.push(described, this.#execute(request.copy, request), this.#query('COMMIT'))
    const positioned = position === null ? null : this.#query(position)
    if (positioned !== null) steps.push(positioned)
    const answers = await Promise.all(steps)
    const failed = answers.find(({ error }) => error !== null)
    if (failed !== undefined) {
      throw new ChunkStepError(opened !== null && failed === answers[0] ? 'watermarks' : 'read', failed.error)
    }
    return (await positioned)?.rows[0]?.[0] ?? null
  }

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    const answer = this.#answers[0]
    if (answer === undefined && type !== TYPE.notice && type !== TYPE.parameter && type !== TYPE.error)
      throw unexpectedMessage(type)
    switch (type) {
      case TYPE.copyData:
        answer!.reader?.row(bytes, start, end)
        return true
      case TYPE.dataRow:
        answer!.rows.push(this.#row(bytes, start, end))
        return true
      case TYPE.error: {
        const error = readServerError(bytes, start, end)
        if (answer === undefined) throw error
        answer.error ??= error
        return true
      }
      case TYPE.ready:
        this.#answers.shift()
        answer!.onDone(answer!)
        return true
      case TYPE.copyOut:
      case TYPE.copyDone:
      case TYPE.commandComplete:
      case TYPE.parseComplete:
      case TYPE.bindComplete:
      case TYPE.rowDescription:
      case TYPE.notice:
      case TYPE.parameter:
        return true
      default:
        throw unexpectedMessage(type)
    }
  }

  drained(): void {}

  closed(error: unknown): void {
    this.#failure ??= error ?? new Error('the server ended the connection')
    for (const answer of this.#answers.splice(0)) {
      answer.error ??= this.#failure
      answer.onDone(answer)
    }
  }

  #query(sql: string): Promise<Answer> {
    return this.#ask(null, () => this.#stream.query(sql))
  }

  #execute(sql: string, reader: RowReader | null): Promise<Answer> {
    return this.#ask(reader, () => this.#stream.execute(sql))
  }

  #ask(reader: RowReader | null, send: () => void): Promise<Answer> {
    return new Promise((resolve) => {
      const answer: Answer = { rows: [], error: this.#failure, reader, onDone: resolve }
      if (!this.isOpen) {
        answer.error ??= new Error('the connection was closed')
        resolve(answer)
        return
      }
      this.#answers.push(answer)
      send()
    })
  }

  #row(bytes: Buffer, start: number, end: number): (string | null)[] {
    const cursor = this.#cursor
    cursor.reset(bytes, start, end)
    const columns = cursor.uint16()
    return Array.from({ length: columns }, () => {
      const length = cursor.int32()
      if (length < 0) return null
      cursor.need(length)
      cursor.at += length
      return bytes.toString('utf8', cursor.at - length, cursor.at)
    })
  }
}

function transaction(statements: readonly string[]): string {
  return statements.length === 1 ? statements[0]! : `BEGIN; ${statements.join('; ')}; COMMIT`
}
