import { batchOf } from '../../contract/contract-batches.ts'
import { openEmbeddedLog } from '../embedded-log.ts'

/** The partitions that it appends to by turns, and the state that goes with each append. */
export const APPENDED = { topic: 'numbers', partitions: 2, space: 'last', key: 'number' }

// Appends numbered records until it is killed, several appends under way, and prints each number that is acknowledged.
// Arguments: the data directory.
if (import.meta.main) {
  const { topic, partitions, space, key } = APPENDED
  const log = await openEmbeddedLog({ dataDir: process.argv[2]! })
  // Segments of a few batches: a kill may come while one is begun, or deleted.
  const config = { 'segment.bytes': '20000' }
  await log.createTopic({ name: topic, partitions, config })
  const last = Number((await log.readState(space)).get(key) ?? -1)
  const underWay: Promise<void>[] = []
  for (let number = last + 1; ; number++) {
    const text = `${number}:`.padEnd(10 + ((number * 7919) % 3000), 'x')
    const append = async (): Promise<void> => {
      const batches = [{ topic, partition: number % partitions, batch: batchOf(text, text) }]
      await log.append({ batches, state: [{ space, key, value: String(number) }] })
      process.stdout.write(`${number}\n`)
    }
    underWay.push(append())
    if (underWay.length > 3) await underWay.shift()
  }
}
