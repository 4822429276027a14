import { batchOf } from '../../contract/contract-batches.ts'
import { openEmbeddedLog } from '../embedded-log.ts'

/** The partitions that it appends to by turns, and the state that goes with each append. */
export const APPENDED = { topic: 'numbers', partitions: 2, space: 'last', key: 'number' }

/** Has each number, too, until retention takes it; and the group that commits how far the numbers are. */
export const RECENT = { topic: 'recent', keptBytes: 60_000, segmentBytes: 20_000, group: 'reader' }

// Appends numbered records until it is killed, several appends under way, and prints each number that is acknowledged,
// as `c` and a number each offset that is. Arguments: the data directory.
if (import.meta.main) {
  const { topic, partitions, space, key } = APPENDED
  const log = await openEmbeddedLog({ dataDir: process.argv[2]! })
  // Segments of a few batches: a kill may come while one is begun, or deleted.
  const config = { 'segment.bytes': String(RECENT.segmentBytes) }
  await log.createTopic({ name: topic, partitions, config })
  const retention = { ...config, 'retention.bytes': String(RECENT.keptBytes) }
  await log.createTopic({ name: RECENT.topic, partitions: 1, config: retention })
  const last = Number((await log.readState(space)).get(key) ?? -1)
  const underWay: Promise<void>[] = []
  for (let number = last + 1; ; number++) {
    const text = `${number}:`.padEnd(10 + ((number * 7919) % 3000), 'x')
    const append = async (): Promise<void> => {
      const batches = [
        { topic, partition: number % partitions, batch: batchOf(text, text) },
        { topic: RECENT.topic, partition: 0, batch: batchOf(text, text) },
      ]
      await log.append({ batches, state: [{ space, key, value: String(number) }] })
      process.stdout.write(`${number}\n`)
      if (number % 5 !== 0) return
      const offset = BigInt(number)
      await log.commitGroupOffsets(RECENT.group, [{ topic: RECENT.topic, partition: 0, offset }])
      process.stdout.write(`c${number}\n`)
    }
    underWay.push(append())
    if (underWay.length > 3) await underWay.shift()
  }
}
