import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../../test/properties.ts'
import type { TopicPartition } from '../../../api/sink-task.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumer-protocol.ts'
import { assignCooperatively } from './cooperative-assignment.ts'

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`
const topics = fc.subarray(['a', 'b', 'c'], { minLength: 1 })
const members = fc.dictionary(fc.stringMatching(/^[m-p]\d$/), topics, { minKeys: 1, maxKeys: 5 })
const counts = new Map([
  ['a', 3],
  ['b', 1],
  ['c', 6],
])

test('after some rounds every partition has one reader that wants it, and nobody ever takes what another has', () => {
  fc.assert(
    fc.property(fc.array(members, { minLength: 1, maxLength: 4 }), (changes) => {
      let owned = new Map<string, readonly TopicPartition[]>()
      for (const wanted of changes) {
        for (let round = 0; ; round++) {
          assert.ok(round < 5, 'it does not settle')
          const subscriptions = new Map<string, Subscription>(
            Object.entries(wanted).map(([id, topics]) => {
              const kept = (owned.get(id) ?? []).filter(({ topic }) => topics.includes(topic))
              return [id, { topics, owned: kept }]
            }),
          )
          const assignment = assignCooperatively(subscriptions, counts)
          for (const [id, partitions] of assignment) {
            for (const [other, { owned }] of subscriptions) {
              if (other === id) continue
              const taken = new Set(owned.map(keyOf))
              assert.ok(!partitions.some((partition) => taken.has(keyOf(partition))))
            }
          }
          const isSettled = [...subscriptions].every(([id, { owned }]) => {
            const now = new Set(assignment.get(id)!.map(keyOf))
            return owned.every((partition) => now.has(keyOf(partition)))
          })
          owned = new Map(assignment)
          if (isSettled) break
        }
        const readers = [...owned.values()].flat().map(keyOf)
        const reachable = [...counts].flatMap(([topic, count]) =>
          Object.values(wanted).some((topics) => topics.includes(topic))
            ? Array.from({ length: count }, (_, partition) => keyOf({ topic, partition }))
            : [],
        )
        assert.deepEqual(readers.toSorted(), reachable.toSorted())
      }
    }),
  )
})

test('members with the same topics differ by one partition at most', () => {
  const everything = { topics: ['a', 'b', 'c'], owned: [] }
  const members = new Map(['x', 'y', 'z'].map((id) => [id, everything]))
  const sizes = [...assignCooperatively(members, counts).values()].map(({ length }) => length)
  assert.deepEqual(
    sizes.toSorted((a, b) => a - b),
    [3, 3, 4],
  )
})

test('subscriptions and assignments have the bytes of the consumer protocol', () => {
  const subscription = { topics: ['t'], owned: [{ topic: 't', partition: 2 }] }
  const bytes = encodeSubscription(subscription)
  assert.equal(bytes.toString('hex'), '000100000001000174ffffffff000000010001740000000100000002')
  assert.deepEqual(decodeSubscription(bytes), subscription)
  const version0 = Buffer.from('000000000001000174ffffffff', 'hex')
  assert.deepEqual(decodeSubscription(version0), { topics: ['t'], owned: [] })
  const assigned = encodeAssignment(subscription.owned)
  assert.equal(assigned.toString('hex'), '0001000000010001740000000100000002ffffffff')
  assert.deepEqual(decodeAssignment(assigned), subscription.owned)
  assert.deepEqual(decodeAssignment(Buffer.alloc(0)), [])
})
