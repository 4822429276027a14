import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionForKey } from './partitioner.ts'

/** From `org.apache.kafka.common.utils.Utils.murmur2`. */
const KNOWN: readonly [text: string, hash: number][] = [
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
  ['', 275_646_681],
  ['a', -1_563_381_124],
  ['ab', 316_155_434],
  ['{"id":1}', -56_768_732],
  ['가나다', -1_105_319_558],
]

test('keys are hashed as Kafka hashes them', () => {
  for (const [text, hash] of KNOWN) {
    const bytes = Buffer.from(`..${text}.`)
    assert.equal(murmur2(bytes, 2, bytes.length - 1), hash, text)
  }
})

test('the partition is the positive hash modulo the number of partitions', () => {
  const key = Buffer.from('{"id":1}')
  assert.equal(partitionForKey(key, 0, key.length, 6), (-56_768_732 & 0x7fffffff) % 6)
})
