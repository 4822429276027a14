import type { JsonSinkBatch } from '../../api/sink-task.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import { SCAN, scanJsonObject } from './json-scanner.ts'

/** A batch whose records were all looked at: nothing of it can fail to convert any more. */
export interface CheckedJsonBatch {
  readonly batch: JsonSinkBatch
  /** For each record of the reader, in order, what `scanJsonObject` found. */
  readonly found: Uint8Array
  /** The keys, where they are needed. */
  readonly keys: readonly (SchemaAndValue | null)[]
  /** Records that had to be converted, by their number in the batch. */
  readonly converted: ReadonlyMap<number, SinkRecord>
}

/**
 * Looks at every record before the first one is written, so that a record that cannot be converted fails the task as it
 * does in the reference: with nothing of the same poll written. Throws `DataError`.
 */
export function checkJsonBatch(
  batch: JsonSinkBatch,
  needs: {
    readonly keys: boolean
    /** Whether a record has to be converted, by the bytes of its value. */
    readonly record: (bytes: Buffer, start: number, end: number) => boolean
  },
): CheckedJsonBatch {
  const { reader } = batch
  const base = Number(reader.baseOffset)
  const first = Number(batch.firstOffset)
  const found = new Uint8Array(reader.count)
  const keys: (SchemaAndValue | null)[] = []
  const converted = new Map<number, SinkRecord>()
  for (let i = 0; reader.next(); i++) {
    if (needs.keys) keys.push(null)
    if (base + reader.offsetDelta < first) continue
    const start = reader.valueStart
    if (start >= 0) found[i] = scanJsonObject(reader.bytes, start, reader.valueEnd)
    if (needs.keys) keys[i] = batch.key()
    else if (!isKeyReadable(batch)) batch.key()
    if ((start >= 0 && found[i] === SCAN.refused) || needs.record(reader.bytes, start, reader.valueEnd)) {
      converted.set(i, batch.record())
    }
  }
  return { batch, found, keys, converted }
}

function isKeyReadable({ readableKeys, reader }: JsonSinkBatch): boolean {
  if (readableKeys === 'all' || reader.keyStart < 0) return true
  if (readableKeys === 'unknown') return false
  return scanJsonObject(reader.bytes, reader.keyStart, reader.keyEnd) !== SCAN.refused
}
