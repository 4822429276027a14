import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../contract/contract-log.ts'
import { FailedCommits } from './failed-commits.ts'
import { emptySegment, PartitionLog } from './partition-log.ts'
import { silentLogger } from './testing/silent-logger.ts'
import { checkNewTopic } from './topic-config.ts'

const topic = { id: 1, name: 't', policy: checkNewTopic({ name: 't', partitions: 1 }) }

/** What is done to the disk, in order; `broken` is what fails. */
function scene() {
  const done: string[] = []
  const broken = new Set<string>()
  const act = (what: string): void => {
    if (broken.has(what)) throw new Error(`${what} fails`)
    done.push(what)
  }
  const failed = new FailedCommits({
    dataDir: 'd',
    logger: silentLogger,
    metadata: {
      probe: () => act('probe'),
      transaction: (work) => {
        act('transaction')
        return work()
      },
    },
    files: { cutBack: ({ partition }) => act(`cut ${partition}`) },
  })
  return { failed, done, broken }
}

const partition = (number: number): PartitionLog => new PartitionLog(topic, number, [emptySegment(0n)])

test('after a commit that succeeded there is nothing to undo', () => {
  const { failed, done } = scene()
  const written = partition(0)
  failed.writing(written)
  assert.equal(
    failed.transaction(() => 5),
    5,
  )
  failed.settled(written)
  failed.undo()
  assert.deepEqual(done, ['transaction'])
})

test('bytes stay until the transaction that speaks of them cannot come back', () => {
  const { failed, done, broken } = scene()
  failed.writing(partition(0))
  failed.writing(partition(1))
  broken.add('transaction').add('probe')
  assert.throws(() => failed.transaction(() => 5), /transaction fails/)
  assert.throws(() => failed.undo(), hasCode('log.write-failed'))
  failed.tryToUndo()
  assert.deepEqual(done, [])
  broken.delete('probe')
  broken.add('cut 1')
  failed.tryToUndo()
  assert.deepEqual(done, ['probe', 'cut 0'])
  broken.clear()
  failed.undo()
  failed.undo()
  assert.deepEqual(done, ['probe', 'cut 0', 'cut 1'])
})
