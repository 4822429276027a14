// How fast the sink turns records into bulk requests on one core: the JSON scanner alone, then whole batches of a
// million rows of the snapshot's shape through the task's parts, with a server that takes everything at once.
//
//   node bench/sink-body.ts [ROWS]
import { RecordBatchWriter, RecordBatchReader } from '../src/api/record-batch.ts'
import type { JsonSinkBatch } from '../src/api/sink-task.ts'
import { BulkWriter } from '../src/elasticsearch/bulk/bulk-writer.ts'
import type { ElasticsearchClient } from '../src/elasticsearch/client/client.ts'
import { IndexKeeper } from '../src/elasticsearch/indices/index-keeper.ts'
import { scanJsonObject } from '../src/elasticsearch/documents/json-scanner.ts'
import { OffsetTracker } from '../src/elasticsearch/bulk/offset-tracker.ts'
import { PatientRequests } from '../src/elasticsearch/client/patient-requests.ts'
import { PlainDocuments } from '../src/elasticsearch/documents/plain-documents.ts'
import { RecordIntake } from '../src/elasticsearch/record-intake.ts'
import { RefusedDocuments } from '../src/elasticsearch/documents/refused-documents.ts'
import { sinkOptions } from '../src/elasticsearch/sink-options.ts'
import { MemoryContext } from '../src/elasticsearch/testing/memory-context.ts'
import { TopicTargets } from '../src/elasticsearch/indices/topic-targets.ts'
import { UnfitRecords } from '../src/elasticsearch/documents/unfit-records.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const ROWS_PER_BATCH = 4000
const DESCRIPTION = 'lorem ipsum dolor sit amet '.repeat(4).slice(0, 96)

function batchBytes(): Buffer {
  const writer = new RecordBatchWriter()
  for (let id = 0; id < ROWS_PER_BATCH; id++) {
    const value = `{"id":${id},"name":"name ${id}","description":"${DESCRIPTION}","price":"AZj2","created_at":"2024-05-01T10:11:12.123456Z","__op":"r","__ts_ms":1736784417004}`
    writer.record(0, Buffer.from(`{"id":${id}}`), Buffer.from(value))
  }
  return writer.finish()
}

function report(
  what: string,
  seconds: number,
  work: { readonly rows: number; readonly bytes: number },
): void {
  const perSecond = Math.round(work.rows / seconds).toLocaleString('en')
  console.log(
    `${what.padEnd(34)} ${(work.bytes / seconds / 1e6).toFixed(0).padStart(5)} MB/s  ${perSecond.padStart(10)} rows/s`,
  )
}

/** The best of five rounds: the machine's other work only ever adds time. */
async function measure(
  what: string,
  work: { readonly rows: number; readonly bytes: number },
  round: () => unknown,
) {
  let best = Infinity
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    await round()
    best = Math.min(best, performance.now() - started)
  }
  report(what, best / 1000, work)
}

const bytes = batchBytes()
let valueBytes = 0
for (const reader = new RecordBatchReader(bytes); reader.next();)
  valueBytes += reader.valueEnd - reader.valueStart
const repeats = Math.ceil(rows / ROWS_PER_BATCH / 5)
const work = { rows: ROWS_PER_BATCH * repeats, bytes: valueBytes * repeats }
console.log(`${(valueBytes / ROWS_PER_BATCH).toFixed(0)} bytes a value`)

await measure('scanner', work, () => {
  for (let i = 0; i < repeats; i++) {
    for (const reader = new RecordBatchReader(bytes); reader.next();) {
      if (scanJsonObject(reader.bytes, reader.valueStart, reader.valueEnd) === 0) throw new Error('refused')
    }
  }
})

await measure('JSON.parse, to compare', work, () => {
  for (let i = 0; i < repeats; i++) {
    for (const reader = new RecordBatchReader(bytes); reader.next();) {
      JSON.parse(reader.bytes.toString('utf8', reader.valueStart, reader.valueEnd))
    }
  }
})

/** Answers every bulk request with success. */
const answers = new Map<number, Buffer>()
const client = {
  request({ method, path, body }: { method: string; path: string; body?: Buffer }) {
    if (!path.startsWith('/_bulk'))
      return Promise.resolve({ status: method === 'HEAD' ? 200 : 500, bytes: Buffer.alloc(0) })
    let lines = 0
    for (let at = body!.indexOf(10); at >= 0; at = body!.indexOf(10, at + 1)) lines++
    let bytes = answers.get(lines / 2)
    if (bytes === undefined) {
      bytes = Buffer.from(
        `{"errors":false,"items":[${Array(lines / 2)
          .fill('{"index":{"status":201}}')
          .join(',')}]}`,
      )
      answers.set(lines / 2, bytes)
    }
    return Promise.resolve({ status: 200, bytes })
  },
} as unknown as ElasticsearchClient

for (const [what, config] of [
  ['json batches to bulk bodies', { 'key.ignore': 'true' }],
  ['the same, keys as ids', { 'key.ignore': 'false' }],
] as const) {
  const options = sinkOptions({ 'connection.url': 'http://none', 'schema.ignore': 'true', ...config })
  const context = new MemoryContext()
  const requests = new PatientRequests(client, options.writer, { context, random: Math.random })
  const keeper = new IndexKeeper(requests, context.log)
  const targets = new TopicTargets(options.documents, keeper)
  const refusedDocuments = new RefusedDocuments(options.documents.onMalformed, context)
  const writer = new BulkWriter(client, options.writer, {
    log: context.log,
    random: Math.random,
    refused: (body, item, verdict) => refusedDocuments.refusedItem(body, item, verdict),
    indexMissing: (item) => targets.indexMissing(item),
    stored: () => {},
    waiting: () => {},
    retried: () => {},
    drained: () => {},
    failed: (error) => {
      throw error
    },
  })
  const tracker = new OffsetTracker()
  const unfit = new UnfitRecords(context, refusedDocuments, false)
  const documents = new PlainDocuments(options.documents, { context, writer, targets, unfit })
  const intake = new RecordIntake(documents, { writer, targets, tracker, signal: context.signal })
  await measure(what, work, async () => {
    for (let i = 0; i < repeats; i++) {
      const reader = new RecordBatchReader(bytes)
      const batch: JsonSinkBatch = {
        kind: 'json',
        topic: 'server.public.items',
        partition: 0,
        reader,
        firstOffset: 0n,
        readableKeys: 'all',
        key: () => ({ schema: null, value: reader.key!.toString() }),
        record: () => {
          throw new Error('Every value is an object')
        },
      }
      await intake.take([batch])
    }
    await writer.settle(() => writer.pendingCount === 0, context.signal)
  })
}
