// How many rows a second one core turns from PostgreSQL's text into record batches: with the envelope, and unwrapped.
// The best of
// twelve rounds. `node bench/emit-rows.ts [rows in a round]`
import { bufferPool } from '../src/api/buffer-pool.ts'
import type { SourceTaskContext } from '../src/api/source-task.ts'
import type { CompileResult, RecordTemplate, Template } from '../src/api/template.ts'
import { jsonConverter } from '../src/converters/json-converter.ts'
import type { ChangePosition } from '../src/postgres/envelope/change-position.ts'
import { createRelationEmitter } from '../src/postgres/envelope/create-relation-emitter.ts'
import { SourceBatchBuilder } from '../src/postgres/envelope/source-batch-builder.ts'
import { extractNewRecordState } from '../src/transforms/debezium/extract-new-record-state.ts'
import { envelopeOptions, relationOf, tupleOf } from '../src/postgres/testing/relations.ts'

const ROUNDS = 12
const rows = Number(process.argv[2] ?? 200_000)
const relation = relationOf({
  table: 'items',
  key: ['id'],
  columns: [
    { name: 'id', type: 'int8', notNull: true },
    { name: 'name', type: 'text' },
    { name: 'description', type: 'text' },
    { name: 'price', type: 'numeric', typeModifier: ((12 << 16) | 2) + 4 },
    { name: 'created_at', type: 'timestamptz' },
  ],
})
const tuples = Array.from({ length: 1000 }, (_, i) =>
  tupleOf([
    String(1_000_000 + i * 7919),
    `name of row ${i}`,
    `${i} `.padEnd(96, 'lorem ipsum dolor sit amet '),
    `${i * 37}.${String(i % 100).padStart(2, '0')}`,
    `2024-01-02 03:04:05.${String(100_000 + i)}+00`,
  ]),
)

const converter = jsonConverter.create({ 'schemas.enable': 'false' }, 'value')
const unwrap = extractNewRecordState.create({ 'add.fields': 'op,ts_ms' })

function compileWith(transform: (template: RecordTemplate) => RecordTemplate | 'dropped' | null) {
  return (template: RecordTemplate): Promise<CompileResult> => {
    const result = transform(template)
    if (result === null || result === 'dropped') return Promise.resolve({ kind: 'dropped' })
    const render = (part: Template | null) => (part === null ? null : converter.compile!('t', part)!)
    return Promise.resolve({
      kind: 'compiled',
      topic: result.topic,
      partitions: 1,
      key: render(result.key),
      value: render(result.value),
      headers: new Uint8Array(0),
    })
  }
}

async function measure(what: string, compile: SourceTaskContext['compile']): Promise<void> {
  const position: ChangePosition = {
    snapshot: 'true',
    lsn: 24_023_128n,
    lastCommitLsn: null,
    txId: 740,
    xmin: null,
    sourceTimeUs: 1_736_784_417_004_123n,
    processedTimeUs: 1_736_784_417_004_999n,
    totalOrder: 0,
    collectionOrder: 0,
  }
  const batch = new SourceBatchBuilder()
  const quiet = () => {}
  const context = {
    connectorName: 'bench',
    taskId: 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    offset: () => Promise.resolve(null),
    metrics: () => ({ set: () => {}, add: () => {}, observe: () => {} }),
    compile,
  }
  const emitter = await createRelationEmitter(relation, {
    options: envelopeOptions(),
    position,
    batch,
    context,
    order: null,
  })
  let best = 0
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    bytes = 0
    // Time on the CPU, so that a busy machine does not count as much.
    const before = process.cpuUsage()
    for (let i = 0; i < rows; i++) {
      emitter.read(tuples[i % tuples.length]!)
      if ((i & 1023) === 0 && batch.bytes > 1_000_000) {
        bytes += batch.bytes
        release(batch)
      }
    }
    bytes += batch.bytes
    release(batch)
    best = Math.max(best, (rows * 1e6) / process.cpuUsage(before).user)
  }
  const rate = Math.round(best).toLocaleString('en')
  const perRow = Math.round(bytes / rows)
  console.log(`${what}: ${rate} rows/s, ${Math.round((best * perRow) / 1e6)} MB/s, ${perRow} bytes a row`)
}

/** What the log does once a batch is written. */
function release(batch: SourceBatchBuilder): void {
  for (const part of batch.take({}, {}).parts) if (part.kind === 'encoded') bufferPool.give(part.batch.buffer)
}

await measure(
  'unwrapped',
  compileWith((template) => unwrap.compile!(template)),
)
await measure(
  'envelope ',
  compileWith((template) => template),
)
