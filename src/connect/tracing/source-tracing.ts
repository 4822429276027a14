import type { SpanAttributes, SpanContext } from '../../api/tracing.ts'
import type { PartitionBatch } from '../../log/log.ts'
import type { EndedAppend } from '../source/append-queue.ts'
import type { TaskId } from '../herder.ts'
import { batchContext, tracedBatch, type TracedBatch } from './batch-context.ts'
import { taskAttributes } from './task-attributes.ts'
import { nowMs, type Tracer } from './tracer.ts'

interface Poll {
  readonly startMs: number
  readonly endMs: number
  readonly records: number
}

interface Append {
  readonly startMs: number
  readonly polls: readonly Poll[]
  readonly batches: readonly TracedBatch[]
}

/**
 * The first half of a batch's way: a trace for each batch of a topic partition, from the first of its records being read
 * until the log has them. How they were read and appended is told in the first of the traces that were appended together.
 */
export class SourceTracing {
  readonly #tracer: Tracer
  readonly #connector: string
  readonly #attributes: SpanAttributes
  #polls: Poll[] = []
  #append: Append | null = null

  constructor(tracer: Tracer, id: TaskId) {
    this.#tracer = tracer
    this.#connector = id.connector
    this.#attributes = taskAttributes(id)
  }

  /** @param startMs when the source was asked: it may have waited long until there was something */
  polled(batches: readonly PartitionBatch[], startMs: number, endMs: number): void {
    if (batches.length === 0) return
    const found = batches.map((batch) => tracedBatch(batch, batch.batch))
    const firstMs = Math.min(...found.map(({ timestampMs }) => timestampMs))
    this.#polls.push({
      startMs: Math.min(Math.max(startMs, firstMs), endMs),
      endMs,
      records: recordsOf(found),
    })
  }

  /** What was polled until now is appended. */
  appending(batches: readonly PartitionBatch[]): void {
    const polls = this.#polls
    this.#polls = []
    this.#append = {
      startMs: nowMs(),
      polls,
      batches: batches.map((batch) => tracedBatch(batch, batch.batch)),
    }
  }

  appended({ isDurable, baseOffsets }: Pick<EndedAppend, 'isDurable' | 'baseOffsets'>): void {
    const append = this.#append
    this.#append = null
    if (append === null || append.batches.length === 0) return
    if (!isDurable) return this.#failed(append)
    const contexts = append.batches.map((batch, i) => batchContext(batch, baseOffsets[i]!))
    const kept = contexts.find((context) => this.#tracer.keeps(context))
    if (kept !== undefined) this.#tell(append, baseOffsets, { contexts, first: kept })
  }

  #tell(
    { startMs, polls, batches }: Append,
    baseOffsets: readonly bigint[],
    { contexts, first }: { readonly contexts: readonly SpanContext[]; readonly first: SpanContext },
  ): void {
    const endMs = nowMs()
    const tracer = this.#tracer
    const beganMs = polls[0]?.startMs ?? startMs
    for (const [i, batch] of batches.entries()) {
      const context = contexts[i]!
      if (!tracer.keeps(context)) continue
      tracer.end(context, {
        name: `publish ${batch.topic}`,
        kind: 'producer',
        parent: null,
        ...(context === first ? {} : { links: [first] }),
        startMs: beganMs,
        endMs,
        attributes: {
          ...this.#attributes,
          'messaging.system': 'kafka',
          'messaging.operation.type': 'send',
          'messaging.destination.name': batch.topic,
          'messaging.destination.partition.id': String(batch.partition),
          'messaging.kafka.offset': Number(baseOffsets[i]),
          'messaging.batch.message_count': batch.records,
          'tailrace.batch.bytes': batch.bytes,
        },
      })
    }
    for (const poll of polls) {
      tracer.report({
        name: `read ${this.#connector}`,
        parent: first,
        startMs: poll.startMs,
        endMs: poll.endMs,
        attributes: { ...this.#attributes, 'tailrace.records': poll.records },
      })
    }
    tracer.report({ name: 'append', parent: first, startMs, endMs, attributes: this.#sizeOf(batches) })
  }

  #failed({ startMs, batches }: Append): void {
    const attributes = this.#sizeOf(batches)
    this.#tracer.report({
      name: 'append',
      parent: null,
      startMs,
      endMs: nowMs(),
      attributes,
      error: 'not written',
    })
  }

  #sizeOf(batches: readonly TracedBatch[]): SpanAttributes {
    return {
      ...this.#attributes,
      'tailrace.batches': batches.length,
      'tailrace.records': recordsOf(batches),
      'tailrace.bytes': batches.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }
}

function recordsOf(batches: readonly TracedBatch[]): number {
  return batches.reduce((sum, { records }) => sum + records, 0)
}
