import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from '../../../test/properties.ts'
import { assignEagerly } from './assignor-eager.ts'
import { configuredWork, difference, isEmpty, NO_WORK, shareOf, union, type Work } from './assignor-work.ts'
import { Assignor, type AssignorResult } from './assignor.ts'
import type { ConfigSnapshot } from './worker-assignment.ts'

const MAX_DELAY_MS = 1000

/** A group of workers and its leader, on a clock of its own. */
class Group {
  readonly members = new Map<string, Work>()
  /** Where several members were one worker; else each has its own. */
  readonly urls = new Map<string, string>()
  readonly connectors = new Map<string, number>()
  nowMs = 0
  #assignor: Assignor
  #generation = 0
  readonly #maxDelayMs: number

  constructor(maxDelayMs = MAX_DELAY_MS) {
    this.#maxDelayMs = maxDelayMs
    this.#assignor = new Assignor(maxDelayMs)
  }

  get snapshot(): ConfigSnapshot {
    return {
      offset: 1n,
      connectors: new Map(
        [...this.connectors].map(([name, count]) => [
          name,
          Array.from({ length: count }, (_, task) => ({ connector: name, task })),
        ]),
      ),
    }
  }

  get configured(): Work {
    return configuredWork(this.snapshot)
  }

  join(...ids: string[]): void {
    for (const id of ids) this.members.set(id, NO_WORK)
  }

  round(): AssignorResult {
    const result = this.#assignor.assign({
      configured: this.configured,
      members: this.members,
      urls: new Map([...this.members.keys()].map((id) => [id, this.urls.get(id) ?? `http://${id}/`])),
      generation: ++this.#generation,
      lastGeneration: this.#generation === 1 ? -1 : this.#generation - 1,
      nowMs: this.nowMs,
    })
    for (const [id, { holds }] of result.members) this.members.set(id, holds)
    return result
  }

  /** Rounds until nobody has a reason for another. Answers how many revoked something. */
  settle(): { rounds: number; revoking: number } {
    let revoking = 0
    for (let rounds = 1; rounds < 20; rounds++) {
      const { members, delayMs } = this.round()
      const hasRevoked = [...members.values()].some(({ revoked }) => !isEmpty(revoked))
      if (hasRevoked) revoking++
      else if (delayMs === 0) return { rounds, revoking }
      this.nowMs += delayMs
    }
    throw new Error('The group does not settle')
  }

  newLeader(): void {
    this.#assignor = new Assignor(this.#maxDelayMs)
  }
}

type Step =
  | { readonly kind: 'configure'; readonly connector: string; readonly tasks: number }
  | { readonly kind: 'delete'; readonly connector: string }
  | { readonly kind: 'join' | 'leave'; readonly id: string }
  | { readonly kind: 'new leader' }

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const ids = fc.constantFrom('w1', 'w2', 'w3', 'w4')
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('configure' as const), connector: names, tasks: fc.nat(6) }),
  fc.record({ kind: fc.constant('delete' as const), connector: names }),
  fc.record({ kind: fc.constantFrom('join' as const, 'leave' as const), id: ids }),
  fc.constant({ kind: 'new leader' as const }),
)

function take(group: Group, step: Step): void {
  switch (step.kind) {
    case 'configure':
      group.connectors.set(step.connector, step.tasks)
      return
    case 'delete':
      group.connectors.delete(step.connector)
      return
    case 'join':
      return group.join(step.id)
    case 'leave':
      if (group.members.size > 1) group.members.delete(step.id)
      return
    case 'new leader':
      return group.newLeader()
  }
}

function assertNothingTwice(group: Group): void {
  const all = union(...group.members.values())
  for (const kind of ['connectors', 'tasks'] as const) {
    const count = [...group.members.values()].reduce((sum, work) => sum + work[kind].size, 0)
    assert.equal(count, all[kind].size, `${kind} are assigned twice`)
  }
}

function assertAllSharedEvenly(group: Group): void {
  assert.deepEqual(shareOf(union(...group.members.values())), shareOf(group.configured))
  for (const kind of ['connectors', 'tasks'] as const) {
    const sizes = [...group.members.values()].map((work) => work[kind].size)
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${kind} are not even: ${sizes.join()}`)
  }
}

describe('incremental assignment', () => {
  test('whatever happens, nothing is assigned twice, nothing is lost, and all get an even share', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 30 }), (sequence) => {
        const group = new Group()
        group.join('w0')
        for (const step of sequence) {
          take(group, step)
          group.round()
          assertNothingTwice(group)
        }
        group.settle()
        assertNothingTwice(group)
        assertAllSharedEvenly(group)
      }),
      { numRuns: 300 },
    )
  })

  test('a settled group needs one revocation at most for any change, and moves no more than it must', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 15 }), steps, (before, step) => {
        fc.pre(step.kind !== 'leave' && step.kind !== 'new leader')
        const group = new Group()
        group.join('w0')
        for (const earlier of before) take(group, earlier)
        group.settle()
        const owned = new Map(group.members)
        take(group, step)
        if (step.kind === 'join' && owned.has(step.id)) return
        const least = fewestMoves(group)
        const { rounds, revoking } = group.settle()
        assert.ok(revoking <= 1 && rounds <= 2 + revoking, `${rounds} rounds, ${revoking} of them revoked`)
        assertAllSharedEvenly(group)
        for (const kind of ['connectors', 'tasks'] as const) {
          let moved = 0
          for (const [id, had] of owned) {
            const gone = difference(had, group.members.get(id)!)
            moved += gone[kind].intersection(group.configured[kind]).size
          }
          assert.equal(moved, least[kind], `moved ${kind}`)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('the work of a worker that has gone waits for its return, then goes to the others', () => {
    const group = settled(['a', 'b'], { c: 4 })
    const gone = group.members.get('b')!
    group.members.delete('b')
    const { delayMs } = group.round()
    assert.equal(delayMs, MAX_DELAY_MS)
    group.nowMs += 400
    assert.equal(group.round().delayMs, MAX_DELAY_MS - 400)
    assert.equal(group.members.get('a')!.tasks.size, 2)
    group.nowMs += 600
    assert.equal(group.round().delayMs, 0)
    assert.ok(gone.tasks.isSubsetOf(group.members.get('a')!.tasks))
    assertAllSharedEvenly(group)
  })

  test('a worker that comes back under another id gets the waiting work at once, and no other work moves', () => {
    const group = settled(['a', 'b', 'c'], { x: 5, y: 4 })
    const gone = group.members.get('b')!
    group.members.delete('b')
    assert.equal(group.round().delayMs, MAX_DELAY_MS)
    group.nowMs += 10
    group.join('b2')
    const { members, delayMs } = group.round()
    assert.equal(delayMs, 0)
    assert.deepEqual(shareOf(group.members.get('b2')!), shareOf(gone))
    for (const id of ['a', 'c']) assert.ok(isEmpty(members.get(id)!.revoked))
  })

  test('one of two that have gone does not get the work of both before the delay is over', () => {
    const group = settled(['a', 'b', 'c'], { x: 6 })
    group.members.delete('b')
    group.members.delete('c')
    group.round()
    group.join('b2')
    assert.ok(group.round().delayMs > 0)
    assert.equal(group.members.get('b2')!.tasks.size, 0)
    group.nowMs += MAX_DELAY_MS
    group.settle()
    assertAllSharedEvenly(group)
  })

  test('what was given to a worker of before, killed as it joined, does not wait: the worker is here', () => {
    const group = new Group()
    group.connectors.set('x', 1)
    for (const id of ['killed', 'back']) group.urls.set(id, 'http://one/')
    group.join('killed', 'back')
    group.round()
    assert.ok(!isEmpty(group.members.get('killed')!))
    group.members.delete('killed')
    assert.equal(group.round().delayMs, 0)
    assertAllSharedEvenly(group)
  })

  test('without a delay the work of a worker that has gone moves in the same round', () => {
    const group = settled(['a', 'b'], { c: 4 }, 0)
    group.members.delete('b')
    assert.equal(group.round().delayMs, 0)
    assertAllSharedEvenly(group)
  })

  test('an assignment that did not arrive is made again without a delay', () => {
    const group = settled(['a', 'b'], { c: 4 })
    group.members.set('b', NO_WORK)
    assert.equal(group.round().delayMs, 0)
    assertAllSharedEvenly(group)
  })

  test('what two workers claim is revoked from both, then given to one', () => {
    const group = settled(['a', 'b'], { c: 2 })
    group.members.set('a', union(...group.members.values()))
    const { members } = group.round()
    assert.equal(members.get('a')!.revoked.tasks.size, 1)
    assert.equal(members.get('b')!.revoked.tasks.size, 1)
    assertNothingTwice(group)
    group.settle()
    assertAllSharedEvenly(group)
  })

  test('a claim to what is no longer configured is revoked, also by a leader that is new', () => {
    const group = settled(['a', 'b'], { c: 2 })
    group.connectors.delete('c')
    group.newLeader()
    group.round()
    for (const work of group.members.values()) assert.ok(isEmpty(work))
  })

  test('rounds that revoke one after the other pause, longer each time', () => {
    const group = settled(['a'], { c: 24 })
    const pauses: number[] = []
    for (const id of ['b', 'c', 'd']) {
      group.join(id)
      const { delayMs, members } = group.round()
      if (delayMs === 0) assert.ok([...members.values()].some(({ revoked }) => !isEmpty(revoked)))
      pauses.push(delayMs)
    }
    assert.deepEqual(pauses, [0, 40, 40])
    group.nowMs += 40
    group.settle()
    assertAllSharedEvenly(group)
  })
})

describe('eager assignment', () => {
  test('takes turns: connectors first, then tasks, in order of name', () => {
    const group = new Group()
    group.connectors.set('b', 2).set('a', 1)
    assert.deepEqual(Object.fromEntries(assignEagerly(group.snapshot, ['w2', 'w1'])), {
      w1: { connectors: ['a'], tasks: [task('a', 0), task('b', 1)] },
      w2: { connectors: ['b'], tasks: [task('b', 0)] },
    })
  })
})

function settled(ids: readonly string[], connectors: Record<string, number>, maxDelayMs?: number): Group {
  const group = new Group(maxDelayMs)
  group.join(...ids)
  for (const [name, tasks] of Object.entries(connectors)) group.connectors.set(name, tasks)
  group.settle()
  return group
}

/** How much must leave its owner so that everybody has an even share: the largest keep the odd ones. */
function fewestMoves(group: Group): Record<'connectors' | 'tasks', number> {
  const count = (kind: 'connectors' | 'tasks'): number => {
    const total = group.configured[kind].size
    const even = Math.floor(total / group.members.size)
    const sizes = [...group.members.values()]
      .map((work) => work[kind].intersection(group.configured[kind]).size)
      .sort((a, b) => b - a)
    return sizes.reduce(
      (sum, size, i) => sum + Math.max(0, size - (i < total % group.members.size ? even + 1 : even)),
      0,
    )
  }
  return { connectors: count('connectors'), tasks: count('tasks') }
}

function task(connector: string, task: number): { connector: string; task: number } {
  return { connector, task }
}
