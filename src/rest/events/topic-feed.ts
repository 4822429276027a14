import { setTimeout as delay } from 'node:timers/promises'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { JsonObject } from '../../api/record.ts'
import type { Log, TopicDescription } from '../../log/log.ts'
import { recordJson } from '../topic-records.ts'
import type { EventStream } from './event-stream.ts'

const PAUSE_MS = 200
/** Of each partition in one event: more than anybody reads as it flies by. */
const MOST_RECORDS = 100n
const READ_BYTES = 256 * 1024
/** Of a key, value or header. */
const MOST_TEXT_BYTES = 16 * 1024

/**
 * Tells the records of a topic as they come: `records` with `{"records":[…],"skipped":n}`. Where more come than can be read, the
 * newest are told and the others counted. Ends with the client, or when the topic is gone.
 */
export async function followTopic(
  log: Log,
  topic: TopicDescription,
  stream: Pick<EventStream, 'signal' | 'send' | 'drained' | 'close'>,
): Promise<void> {
  const { name } = topic
  const next = new Map(topic.partitions.map(({ partition, endOffset }) => [partition, endOffset]))
  stream.send('begin', {
    partitions: topic.partitions.map(({ partition, endOffset }) => ({ partition, offset: endOffset })),
  })
  while (!stream.signal.aborted) {
    const now = await log.describeTopic(name)
    if (now === null) return stream.close()
    let skipped = 0n
    const records: JsonObject[] = []
    for (const { partition, endOffset } of now.partitions) {
      const from = next.get(partition) ?? 0n
      const first = endOffset - from > MOST_RECORDS ? endOffset - MOST_RECORDS : from
      skipped += first - from
      // A topic that was made anew ends before where its predecessor was read.
      if (first >= endOffset) {
        next.set(partition, endOffset)
        continue
      }
      const read = await recordsOf(log, { topic: name, partition, offset: first }, endOffset)
      records.push(...read.records)
      next.set(partition, read.nextOffset)
    }
    if (records.length > 0) stream.send('records', { records, skipped })
    await stream.drained()
    await delay(PAUSE_MS, undefined, { signal: stream.signal, ref: false }).catch(() => undefined)
  }
}

/** What cannot be read yet, for it is of a transaction that is open, is read later from `nextOffset`. */
async function recordsOf(
  log: Log,
  from: { readonly topic: string; readonly partition: number; readonly offset: bigint },
  end: bigint,
): Promise<{ readonly records: JsonObject[]; readonly nextOffset: bigint }> {
  const records: JsonObject[] = []
  let next = from.offset
  while (next < end) {
    const batches = await log.read({ ...from, offset: next }, READ_BYTES, 'committed')
    if (batches.length === 0) break
    for (const batch of batches) {
      const reader = new RecordBatchReader(batch)
      while (reader.next() && reader.offset < end) {
        if (reader.offset >= next) records.push(recordJson(reader, from.partition, MOST_TEXT_BYTES))
      }
      if (reader.lastOffset >= next) next = reader.lastOffset + 1n
    }
  }
  return { records, nextOffset: next < end ? next : end }
}
