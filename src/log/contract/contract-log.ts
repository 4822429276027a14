import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { ConnectError } from '../../api/errors.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type Log, type StateEntry } from '../log.ts'
import { batchOf, recordsOf } from './contract-batches.ts'

/** Opens a log for one test and sees to it that it is closed after the test. */
export type OpenLog = (t: TestContext) => Promise<Log>

/** A topic name that nobody has used. */
export function newName(prefix: string): string {
  return `${prefix}-${randomUUID()}`
}

/** Creates a topic under a name of its own. */
export async function newTopic(log: Log, partitions = 1): Promise<string> {
  const name = newName('topic')
  assert.equal(await log.createTopic({ name, partitions }), 'created')
  return name
}

/** Appends one batch; answers its base offset. */
export async function appendTo(
  log: Log,
  topic: string,
  partition: number,
  ...values: string[]
): Promise<bigint> {
  const { baseOffsets } = await log.append({ batches: [{ topic, partition, batch: batchOf(...values) }] })
  return baseOffsets[0]!
}

/** State of one test alone: source offsets, which every log keeps, of a connector that nobody else has. */
export class OwnState {
  readonly #connector = newName('connector')

  entry(key: string, value: string | null): StateEntry {
    return { space: SOURCE_OFFSETS, key: sourceOffsetKey(this.#connector, { key }), value }
  }

  async read(log: Log): Promise<ReadonlyMap<string, string>> {
    const own = [...(await log.readState(SOURCE_OFFSETS))].flatMap(([text, value]) => {
      const [connector, { key }] = JSON.parse(text) as [string, { key: string }]
      return connector === this.#connector ? [[key, value] as const] : []
    })
    return new Map(own.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** For `assert.rejects`. */
export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  }
}

/** All records of a partition from the batch on that holds an offset. */
export async function readAll(log: Log, topic: string, partition: number, offset: bigint): Promise<string[]> {
  const batches = await log.read({ topic, partition, offset }, 1_000_000_000)
  return batches.flatMap((batch) => recordsOf(batch))
}
