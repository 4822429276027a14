import type { PostgresServer } from '../../servers/postgres.ts'
import type { WorkerProcess } from '../../servers/worker.ts'
import { eachDocument } from '../documents.ts'
import { shortened, type HistoryFile } from './history-file.ts'
import type { ShownRecord } from './history.ts'
import { readJournal } from './journal.ts'

export interface Place {
  readonly postgres: PostgresServer
  /** Of a topic, all that counts. */
  readonly records: (topic: string) => AsyncIterable<TopicRecord>
  readonly searchUrl: string
  readonly topicOf: (table: string) => string
}

/** Writes down what there is at the end of a run: in the notes, the topics, the tables and the indices. */
export async function collect(
  { postgres, records, searchUrl, topicOf }: Place,
  into: HistoryFile,
): Promise<void> {
  for await (const change of readJournal(postgres)) into.add(change)
  for (const table of await notedTables(postgres)) {
    const topic = topicOf(table)
    for await (const record of records(topic)) {
      const shown = shownRecord(table, record)
      if (shown !== null) into.add(shown)
    }
    const rows = await postgres.query(`select to_jsonb(r) as row from ${table} r`, 'postgres', 'notes')
    for (const { row } of rows) {
      const columns = row as Record<string, unknown>
      into.add({ kind: 'row', table, key: columns['id'] as number, columns: shortened(columns) })
    }
    // Where nothing was indexed there is no index.
    if ((await fetch(`${searchUrl}/${topic}`, { method: 'HEAD' })).status === 404) continue
    await eachDocument(searchUrl, topic, (source) => {
      into.add({ kind: 'document', table, id: String(source['id']), fields: shortened(source) })
    })
  }
}

/** The tables that there are, the one named first made first. */
export async function notedTables(postgres: PostgresServer): Promise<string[]> {
  const rows = await postgres.query(
    `select relname::text as name from pg_class where relkind = 'r' and relname ~ '^t[0-9]+$' order by oid`,
    'postgres',
    'notes',
  )
  return rows.map((row) => row['name'] as string)
}

export interface TopicRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

/** The records of a topic's only partition, from an offset on. What cannot be read is an error that says why. */
export async function* recordsOf(
  worker: WorkerProcess,
  topic: string,
  from = 0,
): AsyncGenerator<TopicRecord> {
  for (let offset = from; ;) {
    const path = `/topics/${topic}/records?partition=0&offset=${offset}&limit=1000`
    const { status, body } = await worker.rest('GET', path)
    if (status === 404) return
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
    const { records, next_offset: next } = body as { records: TopicRecord[]; next_offset: number }
    yield* records
    if (next === offset) return
    offset = next
  }
}

interface Envelope {
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
  readonly source: { readonly txId: number; readonly snapshot: string }
}

interface Row {
  readonly id: number
  readonly version: number
  readonly stamp: string
}

/** Null: a tombstone. */
export function shownRecord(table: string, { offset, value }: TopicRecord): ShownRecord | null {
  if (value === null) return null
  const { op, before, after, source } = JSON.parse(value) as Envelope
  const place = { kind: 'record', table, offset, op, xid: source.txId } as const
  if (after === null) return { ...place, key: before?.id ?? null, version: null, stamp: null }
  const row = { ...place, key: after.id, version: after.version, stamp: after.stamp }
  return source.snapshot === 'incremental' ? { ...row, isIncremental: true } : row
}
