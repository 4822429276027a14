import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { waitFor } from '../../../test/wait-for.ts'
import { ConfigError } from '../../api/errors.ts'
import type { GroupMembership } from '../../log/group-membership.ts'
import type { TaskId } from '../herder.ts'
import { MemoryGroup, type MemoryMembership } from '../testing/memory-group.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import type { ConfigSnapshot, CoordinatorOptions, WorkerAssignment } from './worker-assignment.ts'
import { WorkerCoordinator } from './worker-coordinator.ts'

/** What all workers of a test share: the configs, and a check that nothing ever runs twice. */
class Cluster {
  readonly group = new MemoryGroup()
  readonly running = new Map<string, string>()
  readonly ranTwice: string[] = []
  snapshot: ConfigSnapshot = { offset: 1n, connectors: new Map() }

  configure(tasks: Readonly<Record<string, number>>): void {
    const connectors = new Map<string, TaskId[]>()
    for (const [connector, count] of Object.entries(tasks)) {
      connectors.set(
        connector,
        Array.from({ length: count }, (_, task) => ({ connector, task })),
      )
    }
    this.snapshot = { offset: this.snapshot.offset + 1n, connectors }
  }

  ownedBy(worker: string): string[] {
    return [...this.running].filter(([, owner]) => owner === worker).map(([key]) => key)
  }
}

class Worker {
  readonly name: string
  readonly #cluster: Cluster
  readonly coordinator: WorkerCoordinator
  membership!: GroupMembership
  snapshot: ConfigSnapshot
  readonly assignments: WorkerAssignment[] = []
  lost = 0
  refreshes = 0
  refreshFails = false

  constructor(t: TestContext, cluster: Cluster, name: string, more: Partial<CoordinatorOptions> = {}) {
    this.name = name
    this.#cluster = cluster
    this.snapshot = cluster.snapshot
    this.coordinator = new WorkerCoordinator({
      membership: (options) => (this.membership = cluster.group.open(options)),
      groupId: 'g',
      workerUrl: `http://${name}/`,
      protocol: 'sessioned',
      // A process that stands still for as long stops its work.
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 10,
      rebalanceTimeoutMs: 1000,
      scheduledRebalanceMaxDelayMs: 50,
      workerUnsyncBackoffMs: 20,
      logger: silentLogger,
      configSnapshot: () => this.snapshot,
      refreshConfigs: async () => {
        this.refreshes++
        if (this.refreshFails) throw new Error('the config topic cannot be read')
        return (this.snapshot = cluster.snapshot)
      },
      onAssigned: async (assignment) => {
        this.assignments.push(assignment)
        for (const key of keysOf(assignment)) {
          const owner = cluster.running.get(key)
          if (owner !== undefined && owner !== name) cluster.ranTwice.push(`${key} on ${owner} and ${name}`)
          cluster.running.set(key, name)
        }
      },
      onRevoked: async (lost) => {
        for (const key of keysOf(lost)) if (cluster.running.get(key) === name) cluster.running.delete(key)
      },
      onLost: () => void this.lost++,
      ...more,
    })
    t.after(async () => {
      await this.leave()
      assert.deepEqual(cluster.ranTwice, [])
    })
  }

  /** In good order: stops what it runs, then leaves. */
  async leave(): Promise<void> {
    for (const key of this.#cluster.ownedBy(this.name)) this.#cluster.running.delete(key)
    await this.coordinator.close()
  }
}

function keysOf({ connectors, tasks }: Pick<WorkerAssignment, 'connectors' | 'tasks'>): string[] {
  return [...connectors, ...tasks.map(({ connector, task }) => `${connector}-${task}`)]
}

describe('a worker in its group', () => {
  test('shares with a second worker, which starts nothing before the first has stopped it', async (t) => {
    const cluster = new Cluster()
    cluster.configure({ a: 2, b: 2 })
    const first = new Worker(t, cluster, 'w1')
    await first.coordinator.start()
    assert.equal(cluster.ownedBy('w1').length, 6)
    assert.ok(first.coordinator.isLeader)
    const { times, sinceLastMs, ...round } = first.coordinator.rebalances
    const alone = { leaderUrl: 'http://w1/', generation: 1, protocol: 'sessioned', completed: 1 }
    assert.deepEqual(round, { ...alone, isRebalancing: false })
    assert.ok(times.max > 0 && sinceLastMs !== null)
    const second = new Worker(t, cluster, 'w2')
    await second.coordinator.start()
    await waitFor(
      'an even share',
      () => cluster.ownedBy('w1').length === 3 && cluster.ownedBy('w2').length === 3,
    )
    assert.equal(
      first.assignments.some(({ revokedTasks }) => revokedTasks.length === 2),
      true,
    )
    assert.equal(second.coordinator.isLeader, false)
    assert.equal(second.coordinator.leaderUrl, 'http://w1/')
    await waitFor('the end of the round', () => !first.coordinator.rebalancing)
    for (const [key, owner] of cluster.running) {
      const [connector, task] = key.split('-')
      const of = task === undefined ? connector! : { connector: connector!, task: Number(task) }
      assert.equal(first.coordinator.ownerUrl(of), `http://${owner}/`)
      assert.equal(second.coordinator.ownerUrl(of), null)
    }
  })

  test('takes over from one that has left, after the delay', async (t) => {
    const cluster = new Cluster()
    cluster.configure({ a: 4 })
    const [first, second] = [new Worker(t, cluster, 'w1'), new Worker(t, cluster, 'w2')]
    await first.coordinator.start()
    await second.coordinator.start()
    await waitFor('an even share', () => cluster.ownedBy('w2').length >= 2)
    await second.leave()
    await waitFor('everything to run again', () => cluster.ownedBy('w1').length === 5)
    assert.ok(first.assignments.some(({ delayMs }) => delayMs === 50))
  })

  test('runs new connectors once it is asked to join again', async (t) => {
    const cluster = new Cluster()
    const worker = new Worker(t, cluster, 'w1')
    await worker.coordinator.start()
    assert.deepEqual(worker.assignments[0]!.connectors, [])
    cluster.configure({ a: 1 })
    worker.snapshot = cluster.snapshot
    worker.coordinator.requestRejoin('a connector was added')
    assert.equal(worker.coordinator.rebalancing, true)
    await waitFor('the new connector', () => cluster.ownedBy('w1').length === 2)
    assert.equal(worker.assignments.at(-1)!.configOffset, 2n)
  })

  test('a leader that has not read the configs of another reads them before anything is assigned', async (t) => {
    const cluster = new Cluster()
    const leader = new Worker(t, cluster, 'w1')
    await leader.coordinator.start()
    cluster.configure({ a: 2 })
    const follower = new Worker(t, cluster, 'w2')
    await follower.coordinator.start()
    await waitFor('an even share', () => cluster.running.size === 3)
    assert.equal(leader.refreshes, 1)
    assert.equal(leader.snapshot, cluster.snapshot)
  })

  test('a follower reads the configs that its leader had before it starts what they say', async (t) => {
    const cluster = new Cluster()
    const leader = new Worker(t, cluster, 'w1')
    await leader.coordinator.start()
    const follower = new Worker(t, cluster, 'w2')
    cluster.configure({ a: 2 })
    leader.snapshot = cluster.snapshot
    await follower.coordinator.start()
    assert.equal(follower.snapshot, cluster.snapshot)
    assert.equal(follower.refreshes, 1)
    assert.equal(follower.assignments[0]!.configOffset, cluster.snapshot.offset)
  })

  test('a worker that cannot read the configs leaves its work to the others', async (t) => {
    const cluster = new Cluster()
    const leader = new Worker(t, cluster, 'w1', { scheduledRebalanceMaxDelayMs: 0 })
    await leader.coordinator.start()
    cluster.configure({ a: 3 })
    const blind = new Worker(t, cluster, 'w2', { workerUnsyncBackoffMs: 60_000 })
    blind.snapshot = { offset: 1n, connectors: new Map() }
    blind.refreshFails = true
    leader.snapshot = cluster.snapshot
    void blind.coordinator.start()
    await waitFor('the leader to have everything', () => cluster.ownedBy('w1').length === 4)
    assert.equal(blind.assignments.length, 0)
    await waitFor('it to leave', () => cluster.group.members.size === 1)
  })

  test('cut off for a session it stops its work, and starts it again once it is back', async (t) => {
    const cluster = new Cluster()
    cluster.configure({ a: 2 })
    const worker = new Worker(t, cluster, 'w1', {
      sessionTimeoutMs: 1000,
      scheduledRebalanceMaxDelayMs: 60_000,
    })
    await worker.coordinator.start()
    const membership = worker.membership as MemoryMembership
    membership.isCutOff = true
    await waitFor('its work to stop', () => cluster.running.size === 0)
    assert.equal(worker.lost, 1)
    membership.isCutOff = false
    await waitFor('its work to run again', () => cluster.running.size === 3)
  })

  test('what others got while it was cut off is theirs after one more round, and runs once', async (t) => {
    const cluster = new Cluster()
    cluster.configure({ a: 4 })
    const short = { sessionTimeoutMs: 1000 }
    const [first, second] = [new Worker(t, cluster, 'w1', short), new Worker(t, cluster, 'w2', short)]
    await first.coordinator.start()
    await second.coordinator.start()
    await waitFor('an even share', () => cluster.ownedBy('w1').length + cluster.ownedBy('w2').length === 5)
    const membership = second.membership as MemoryMembership
    membership.isCutOff = true
    await waitFor('its work to stop', () => cluster.ownedBy('w2').length === 0)
    cluster.group.leave(membership)
    membership.memberId = ''
    await waitFor('the other to have it', () => cluster.ownedBy('w1').length === 5)
    membership.isCutOff = false
    await waitFor(
      'an even share again',
      () => cluster.ownedBy('w2').length >= 2 && cluster.running.size === 5,
    )
  })

  test('in the eager protocol all stop everything before a round', async (t) => {
    const cluster = new Cluster()
    cluster.configure({ a: 3 })
    const first = new Worker(t, cluster, 'w1', { protocol: 'eager' })
    await first.coordinator.start()
    const second = new Worker(t, cluster, 'w2')
    await second.coordinator.start()
    await waitFor(
      'an even share',
      () => cluster.ownedBy('w1').length === 2 && cluster.ownedBy('w2').length === 2,
    )
  })

  test('a worker with an older protocol takes a part of the work, and the group speaks its protocol until it goes', async (t) => {
    for (const protocol of ['compatible', 'eager'] as const) {
      const cluster = new Cluster()
      cluster.configure({ a: 2, b: 2 })
      const first = new Worker(t, cluster, `${protocol}-1`)
      await first.coordinator.start()
      assert.equal(first.coordinator.hasSignedRequests, true)
      const older = new Worker(t, cluster, `${protocol}-2`, { protocol })
      assert.equal(older.coordinator.hasSignedRequests, false)
      await older.coordinator.start()
      const isEven = () => [first, older].every(({ name }) => cluster.ownedBy(name).length === 3)
      await waitFor('an even share', isEven)
      assert.equal(first.coordinator.hasSignedRequests, false)
      await older.leave()
      await waitFor('all of it back', () => cluster.ownedBy(first.name).length === 6)
      assert.equal(first.coordinator.hasSignedRequests, true)
    }
  })

  test('what cannot heal is told to whoever starts it', async (t) => {
    const cluster = new Cluster()
    const worker = new Worker(t, cluster, 'w1', {
      membership: (options) => {
        const membership = cluster.group.open(options)
        membership.join = () => Promise.reject(new ConfigError('log.kafka-refused', 'another kind of group'))
        return membership
      },
    })
    await assert.rejects(worker.coordinator.start(), /another kind of group/)
  })
})
