import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from '../../../test/properties.ts'
import {
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
  offeredProtocols,
  type AssignmentMessage,
  type WorkerMetadata,
} from './connect-protocol.ts'

const NOTHING = { connectors: [], tasks: [] }

/** What a worker of Kafka Connect 4.3.1 sent when it joined a group, and what another one assigned as the leader. */
const RECORDED: Record<
  string,
  { metadata: [string, WorkerMetadata][]; assignment: [string, AssignmentMessage][] }
> = {
  sessioned: {
    metadata: [
      ['00020017687474703a2f2f3132372e302e302e313a31383338332f0000000000000004ffffffff', worker(null)],
      [
        '00020017687474703a2f2f3132372e302e302e313a31383338332f000000000000000400000069000200000026612d34646666343961302d636236612d346130372d393862632d6264616133303466336139370013687474703a2f2f3132372e302e302e313a312f0000000000000004000000010006736f7572636500000002ffffffff000000000000000000000000',
        worker('a-4dff49a0-cb6a-4a07-98bc-bdaa304f3a97'),
      ],
    ],
    assignment: [
      [
        '00020000003c636f6e6e6563742d3132372e302e302e313a31383338332d63343939333532342d303266662d346566372d396163642d3161386137646437333130360017687474703a2f2f3132372e302e302e313a31383338332f0000000000000001000000000000000000000000',
        assigned(1n, []),
      ],
    ],
  },
  compatible: {
    metadata: [
      ['00010017687474703a2f2f3132372e302e302e313a31383338332f0000000000000004ffffffff', worker(null)],
      [
        '00010017687474703a2f2f3132372e302e302e313a31383338332f000000000000000400000069000100000026612d31373838373331312d386462622d346435352d383234612d6161383332396465393139300013687474703a2f2f3132372e302e302e313a312f0000000000000004000000010006736f7572636500000002ffffffff000000000000000000000000',
        worker('a-17887311-8dbb-4d55-824a-aa8329de9190'),
      ],
    ],
    assignment: [
      [
        '00010000003c636f6e6e6563742d3132372e302e302e313a31383338332d63343939333532342d303266662d346566372d396163642d3161386137646437333130360017687474703a2f2f3132372e302e302e313a31383338332f0000000000000004000000000000000000000000',
        assigned(4n, []),
      ],
    ],
  },
  default: {
    metadata: [],
    assignment: [
      [
        '00000000003c636f6e6e6563742d3132372e302e302e313a31383338332d63343939333532342d303266662d346566372d396163642d3161386137646437333130360017687474703a2f2f3132372e302e302e313a31383338332f0000000000000004000000010006736f757263650000000100000000',
        assigned(4n, [{ connector: 'source', task: 0 }]),
      ],
    ],
  },
}

describe('the protocol between workers', () => {
  for (const [protocol, { metadata, assignment }] of Object.entries(RECORDED)) {
    test(`${protocol}: what Kafka Connect sent is read, and written with the same bytes`, () => {
      for (const [hex, message] of metadata) {
        assert.deepEqual(decodeMetadata(Buffer.from(hex, 'hex')), message)
        assert.equal(encodeMetadata(protocol, message).toString('hex'), hex)
      }
      for (const [hex, message] of assignment) {
        assert.deepEqual(decodeAssignment(Buffer.from(hex, 'hex')), message)
        assert.equal(encodeAssignment(protocol, message).toString('hex'), hex)
      }
    })
  }

  test('connect.protocol decides what is offered, the newest first', () => {
    const names = (offer: 'sessioned' | 'compatible' | 'eager'): string[] =>
      offeredProtocols(offer, worker(null)).map(({ name }) => name)
    assert.deepEqual(names('sessioned'), ['sessioned', 'compatible', 'default'])
    assert.deepEqual(names('compatible'), ['compatible', 'default'])
    assert.deepEqual(names('eager'), ['default'])
  })

  test('any assignment comes out as it went in; the eager protocol knows of nothing revoked', () => {
    const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
    const share = fc
      .uniqueArray(
        fc.record({ name: names, isIn: fc.boolean(), tasks: fc.uniqueArray(fc.nat(1000), { minLength: 1 }) }),
        { selector: ({ name }) => name },
      )
      .map((entries) => ({
        connectors: entries.filter(({ isIn }) => isIn).map(({ name }) => name),
        tasks: entries
          .toSorted((a, b) => Number(b.isIn) - Number(a.isIn))
          .flatMap(({ name, tasks }) => tasks.map((task) => ({ connector: name, task }))),
      }))
    const message = fc
      .record({
        failed: fc.boolean(),
        leaderId: names,
        leaderUrl: names,
        configOffset: fc.bigInt({ min: -1n, max: 2n ** 62n }),
        assigned: share,
        revoked: share,
        delayMs: fc.nat(),
      })
      .map((message) => ({ ...message }))
    fc.assert(
      fc.property(message, (message) => {
        assert.deepEqual(decodeAssignment(encodeAssignment('sessioned', message)), message)
        const eager = { ...message, revoked: NOTHING, delayMs: 0 }
        assert.deepEqual(decodeAssignment(encodeAssignment('default', message)), eager)
      }),
      { numRuns: 30 },
    )
  })

  test('bytes that end too early are refused', () => {
    const whole = encodeAssignment('sessioned', assigned(4n, [{ connector: 'source', task: 0 }]))
    assert.throws(() => decodeAssignment(whole.subarray(0, 20)), /not of Kafka Connect's protocol/)
  })
})

function worker(leaderId: string | null): WorkerMetadata {
  const held = {
    failed: false,
    leaderUrl: 'http://127.0.0.1:1/',
    configOffset: 4n,
    assigned: { connectors: ['source'], tasks: [{ connector: 'source', task: 0 }] },
    revoked: NOTHING,
    delayMs: 0,
  }
  return {
    url: 'http://127.0.0.1:18383/',
    configOffset: 4n,
    assignment: leaderId === null ? null : { ...held, leaderId },
  }
}

function assigned(configOffset: bigint, tasks: AssignmentMessage['assigned']['tasks']): AssignmentMessage {
  return {
    failed: false,
    leaderId: 'connect-127.0.0.1:18383-c4993524-02ff-4ef7-9acd-1a8a7dd73106',
    leaderUrl: 'http://127.0.0.1:18383/',
    configOffset,
    assigned: { connectors: [], tasks },
    revoked: NOTHING,
    delayMs: 0,
  }
}
