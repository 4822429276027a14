import { BATCH_FIELD } from '../../api/record-batch.ts'
import type { SpanContext } from '../../api/tracing.ts'
import type { ConsumedBatch } from '../../log/log.ts'
import type { TaskId } from '../herder.ts'
import { batchContext, tracedBatch } from './batch-context.ts'
import { RunTracing } from './run-tracing.ts'
import { taskAttributes } from './task-attributes.ts'
import { nowMs } from './tracer.ts'

/** As many links and places as OpenTelemetry keeps by default. */
const MOST_LINKS = 128

/** The second half of a batch's way: what was read together goes on in the trace of its first batch, linked to the others'. */
export class SinkTracing extends RunTracing {
  /** @param deliver puts the batches; what it reports is part of the span */
  async delivering(batches: readonly ConsumedBatch[], deliver: () => Promise<void>): Promise<void> {
    const kept: SpanContext[] = []
    for (const consumed of batches) {
      const offset = consumed.batch.readBigInt64LE(BATCH_FIELD.baseOffset)
      const context = batchContext(tracedBatch(consumed, consumed.batch), offset)
      if (kept.length <= MOST_LINKS && this.tracer.keeps(context)) kept.push(context)
    }
    const [parent, ...links] = kept
    const context = parent === undefined ? null : this.tracer.begin(parent)
    if (context === null) return deliver()
    const startMs = nowMs()
    const attributes = putAttributes(this.id, batches)
    let error: string | null = 'not taken'
    this.current = context
    try {
      await deliver()
      error = null
    } finally {
      this.current = null
      const name = `process ${batches[0]!.topic}`
      const span = { name, kind: 'consumer', parent: parent!, links, startMs, attributes, error } as const
      this.tracer.end(context, { ...span, endMs: nowMs() })
    }
  }
}

function putAttributes(id: TaskId, batches: readonly ConsumedBatch[]) {
  let records = 0
  const places: string[] = []
  for (const { topic, partition, batch, firstOffset } of batches) {
    const { records: count } = tracedBatch({ topic, partition }, batch)
    const last =
      batch.readBigInt64LE(BATCH_FIELD.baseOffset) + BigInt(batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta))
    records += count
    if (places.length < MOST_LINKS) places.push(`${topic}-${partition}: ${firstOffset}..${last}`)
  }
  return {
    ...taskAttributes(id),
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.destination.name': batches[0]!.topic,
    'messaging.batch.message_count': records,
    'tailrace.offsets': places,
  }
}
