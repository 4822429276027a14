import assert from 'node:assert/strict'
import {
  closeSync,
  ftruncateSync,
  globSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '../../../src/api/errors.ts'
import { RecordBatchReader } from '../../../src/api/record-batch.ts'
import { batchOf } from '../../../src/log/contract/contract-batches.ts'
import { openEmbeddedLog } from '../../../src/log/embedded/embedded-log.ts'
import { ReadSpace } from '../../../src/log/embedded/read-space.ts'
import { SegmentReader } from '../../../src/log/embedded/segment-reader.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const OF = { topic: 'fuzz', partition: 0 }

/** Of a file that is damaged anywhere no batch is served that was not written so; the damage is named. */
export async function open(): Promise<FuzzTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-fuzz-'))
  const { bytes, batches, next } = await writtenSegment(join(directory, 'data'))
  const path = join(directory, 'segment.log')
  const file = openSync(path, 'w+')
  const space = new ReadSpace()
  return {
    seeds: [bytes],
    words: [bytes.toString('latin1', 0, 4)],
    mostBytes: 2 * bytes.length,
    run(input) {
      writeSync(file, input, 0, input.length, 0)
      ftruncateSync(file, input.length)
      const end = { position: bytes.length, offset: next }
      const start = { position: 0, offset: 0n }
      const reader = new SegmentReader(OF, { path, base: 0n, next: start, end })
      space.reset()
      let isRefused = false
      let read = 0
      try {
        while (reader.hasMore) {
          for (const batch of reader.read(space, 0n, 1000)) {
            assert.ok(batch.equals(batches[read++]!), 'a batch that nobody wrote')
          }
          space.reset()
        }
      } catch (error) {
        if (!(error instanceof DataError && error.code === 'log.corrupt')) throw error
        isRefused = true
      } finally {
        reader.close()
      }
      const isWhole = input.subarray(0, bytes.length).equals(bytes)
      assert.equal(isRefused, !isWhole, 'damage that is not named, or none that is')
    },
    async close() {
      closeSync(file)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function writtenSegment(
  dataDir: string,
): Promise<{ bytes: Buffer; batches: readonly Buffer[]; next: bigint }> {
  const log = await openEmbeddedLog({ dataDir })
  await log.createTopic({ name: OF.topic, partitions: 1 })
  for (const values of [['a'], ['b', 'c'], ['d'.repeat(300)], ['e', 'f', 'g']]) {
    await log.append({ batches: [{ ...OF, batch: batchOf(...values) }] })
  }
  await log.close()
  const bytes = readFileSync(globSync(join(dataDir, '**/*.log')).find((path) => path.includes(OF.topic))!)
  const batches: Buffer[] = []
  let next = 0n
  for (let at = 0; at < bytes.length;) {
    const { length, lastOffset } = new RecordBatchReader(bytes.subarray(at))
    batches.push(bytes.subarray(at, at + length))
    at += length
    next = lastOffset + 1n
  }
  return { bytes, batches, next }
}
