import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BATCH_FIELD, RecordBatchWriter } from '../../api/record-batch.ts'
import { SinkTracing } from './sink-tracing.ts'
import { SourceTracing } from './source-tracing.ts'
import { Tracer, type SpanRecord } from './tracer.ts'

const SOURCE = { connector: 'source', task: 0 }
const SINK = { connector: 'sink', task: 1 }

function batchAt(timestampMs: number, records = 1): Buffer {
  const writer = new RecordBatchWriter()
  for (let i = 0; i < records; i++) {
    writer.startRecord(timestampMs)
    writer.nullKey()
    writer.nullValue()
    writer.endRecord()
  }
  return writer.finish()
}

/** Batches go the whole way: polled, appended at these offsets, consumed, put. */
async function goTheWay(share: number, batches: readonly { topic: string; offset: bigint; atMs?: number }[]) {
  const spans: SpanRecord[] = []
  const tracer = new Tracer(share, (span) => spans.push(span))
  const source = new SourceTracing(tracer, SOURCE)
  const parts = batches.map(({ topic, atMs = 1000 }) => ({ topic, partition: 0, batch: batchAt(atMs) }))
  source.polled(parts, 500, 2000)
  source.appending(parts)
  source.appended({ isDurable: true, baseOffsets: batches.map(({ offset }) => offset) })
  for (const [i, { batch }] of parts.entries()) {
    batch.writeBigInt64LE(batches[i]!.offset, BATCH_FIELD.baseOffset)
  }
  const sink = new SinkTracing(tracer, SINK)
  const consumed = parts.map((part, i) => ({ ...part, firstOffset: batches[i]!.offset }))
  await sink.delivering(consumed, async () => {
    const { current } = sink
    if (current !== null) sink.report({ name: 'bulk', parent: current, startMs: 1, endMs: 2 })
  })
  return spans
}

test('who reads a batch goes on in the trace of who wrote it, without a word between them', async () => {
  const spans = await goTheWay(1, [{ topic: 'a', offset: 7n }])
  const [publish, read, append, bulk, process] = spans
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['publish a', 'read source', 'append', 'bulk', 'process a'],
  )
  assert.equal(new Set(spans.map(({ context }) => context.traceId)).size, 1)
  assert.equal(new Set(spans.map(({ context }) => context.spanId)).size, 5)
  assert.deepEqual(
    [read, append, process].map((span) => span?.parent),
    [publish!.context, publish!.context, publish!.context],
  )
  assert.deepEqual(bulk?.parent, process?.context)
  assert.deepEqual(process?.attributes?.['tailrace.offsets'], ['a-0: 7..7'])
  assert.equal(bulk?.attributes?.['tailrace.connector'], 'sink')
})

test('a source that waited for its first row is told from that row on', async () => {
  const [publish, read] = await goTheWay(1, [{ topic: 'a', offset: 0n, atMs: 1990 }])
  assert.deepEqual([publish?.startMs, read?.startMs, read?.endMs], [1990, 1990, 2000])
})

test('batches that are appended or read together are linked', async () => {
  const spans = await goTheWay(1, [
    { topic: 'a', offset: 1n },
    { topic: 'b', offset: 1n },
  ])
  const [first, second] = spans
  assert.deepEqual([first?.name, second?.name], ['publish a', 'publish b'])
  assert.deepEqual(second?.links, [first?.context])
  const process = spans.at(-1)!
  assert.deepEqual(process.parent, first?.context)
  assert.deepEqual(process.links, [second?.context])
})

test('both sides keep the same share of traces, and no part of the others', async () => {
  const traces = await Promise.all(
    Array.from({ length: 400 }, (_, i) => goTheWay(0.25, [{ topic: 'a', offset: BigInt(i) }])),
  )
  const kept = traces.filter((spans) => spans.length > 0)
  assert.ok(kept.length > 60 && kept.length < 140, `${kept.length}`)
  for (const spans of kept) assert.equal(spans.length, 5)
  assert.deepEqual(await goTheWay(0, [{ topic: 'a', offset: 0n }]), [])
})

test('an append and a put that fail are told as such', async () => {
  const spans: SpanRecord[] = []
  const tracer = new Tracer(1, (span) => spans.push(span))
  const source = new SourceTracing(tracer, SOURCE)
  const part = { topic: 'a', partition: 0, batch: batchAt(1000, 3) }
  source.polled([part], 0, 1)
  source.appending([part])
  source.appended({ isDurable: false, baseOffsets: [] })
  const sink = new SinkTracing(tracer, SINK)
  const failing = sink.delivering([{ ...part, firstOffset: 0n }], () => Promise.reject(new Error('full')))
  await assert.rejects(failing, /full/)
  assert.equal(sink.current, null)
  assert.deepEqual(
    spans.map(({ name, error }) => [name, error]),
    [
      ['append', 'not written'],
      ['process a', 'not taken'],
    ],
  )
  assert.equal(spans[0]?.attributes?.['tailrace.records'], 3)
})
