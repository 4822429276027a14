import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RetriableError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { hasCode } from '../../log/contract/contract-log.ts'
import { MemoryTopic } from '../testing/memory-topic.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { ConfigStore } from './config-store.ts'
import type { SharedStatus } from './status-records.ts'
import { StatusStore } from './status-store.ts'
import { ZombieFencing } from './zombie-fencing.ts'

const shape = { name: 't', partitions: 1, property: 't.storage' }

async function openConfigs(
  topic: MemoryTopic,
  heard: string[] = [],
  { logger = silentLogger, writerId }: { logger?: TaskLogger; writerId?: string } = {},
) {
  return ConfigStore.open({
    openTopic: topic.open,
    topic: shape,
    logger,
    ...(writerId === undefined ? {} : { writerId }),
    listener: {
      onConnector: (name, change) => heard.push(`${name} ${change}`),
      onRestart: ({ connector }) => heard.push(`restart ${connector}`),
      onLoggerLevel: (namespace, level) => heard.push(`${namespace} ${level}`),
      onFenced: () => heard.push('fenced'),
    },
  })
}

async function openStatuses(topic: MemoryTopic, forgotten: string[] = []): Promise<StatusStore> {
  return StatusStore.open({
    openTopic: topic.open,
    topic: shape,
    onTopicForgotten: (connector) => forgotten.push(connector),
    logger: silentLogger,
  })
}

function status(state: SharedStatus['state'], workerId: string, generation: number): SharedStatus {
  return { state, trace: null, workerId, generation, version: null }
}

describe('the config store', () => {
  test('has what it wrote, and the others are told', async () => {
    const topic = new MemoryTopic()
    const heard: string[] = []
    const [leader, follower] = [await openConfigs(topic), await openConfigs(topic, heard)]
    await leader.putConnector('a', { name: 'a' }, 'PAUSED')
    await leader.putTaskConfigs('a', [{ t: '0' }])
    await leader.putTarget('a', 'STARTED')
    await leader.putRestart({ connector: 'a', includeTasks: true, onlyFailed: false })
    await leader.putLoggerLevel('root', 'DEBUG')
    assert.deepEqual(heard, ['a connector', 'a tasks', 'a target', 'restart a', 'root DEBUG'])
    assert.deepEqual(follower.get('a'), leader.get('a'))
    assert.equal(follower.get('a')?.target, 'STARTED')
    assert.equal(follower.offset, BigInt(topic.entries.length))
    await leader.removeConnector('a')
    assert.deepEqual(follower.names(), [])
  })

  test('takes nothing of a leader any more once another one has claimed it, but for target states', async () => {
    const topic = new MemoryTopic()
    const [heard, writerId] = [[] as string[], 'connect-cluster-g']
    const [first, second] = [
      await openConfigs(topic, heard, { writerId }),
      await openConfigs(topic, [], { writerId }),
    ]
    await first.claim()
    await first.putConnector('a', { name: 'a' })
    await second.claim()
    await assert.rejects(first.putTaskConfigs('a', [{}]), hasCode('connect.group-rebalancing'))
    assert.equal(heard.at(-1), 'fenced')
    // It does not take the topic back by itself.
    await assert.rejects(first.putTaskConfigs('a', [{}]), hasCode('connect.group-rebalancing'))
    await second.putTaskConfigs('a', [{}])
    await first.putTarget('a', 'PAUSED')
    assert.equal(second.get('a')?.target, 'PAUSED')
    second.release()
    await assert.rejects(second.putTaskConfigs('a', []), hasCode('connect.group-rebalancing'))
  })

  test('does not act on what was wanted before it was opened, and passes over what it cannot read', async () => {
    const topic = new MemoryTopic()
    const [heard, warnings]: [string[], object[]] = [[], []]
    const writer = await openConfigs(topic)
    await writer.putRestart({ connector: 'a', includeTasks: true, onlyFailed: false })
    topic.entries.push({ key: 'connector-b', value: 'no json' }, { key: 'nonsense', value: null })
    const logger = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) }
    const store = await openConfigs(topic, heard, { logger })
    assert.deepEqual(heard, [])
    assert.deepEqual(store.names(), [])
    assert.deepEqual(
      warnings.map((fields) => (fields as { key: string }).key),
      ['connector-b', 'nonsense'],
    )
    assert.equal(store.offset, 3n)
  })
})

describe('the status store', () => {
  test('shows at once what this worker says, and the others what they read', async () => {
    const topic = new MemoryTopic()
    const [one, two] = [await openStatuses(topic), await openStatuses(topic)]
    one.putConnector('a', status('RESTARTING', 'one', 1))
    one.putConnector('a', status('RUNNING', 'one', 1))
    assert.equal(one.connector('a')?.state, 'RUNNING')
    await one.flush()
    assert.equal(one.connector('a')?.state, 'RUNNING')
    assert.equal(two.connector('a')?.state, 'RUNNING')
  })

  test('lets no worker that has lost a task speak over the one that has it now', async () => {
    const topic = new MemoryTopic()
    const [old, now] = [await openStatuses(topic), await openStatuses(topic)]
    const id = { connector: 'a', task: 0 }
    now.putTask(id, { ...status('RUNNING', 'now', 7), state: 'RUNNING' })
    await now.flush()
    old.putTask(id, { ...status('FAILED', 'old', 6), state: 'FAILED' }, true)
    await old.flush()
    assert.equal(topic.entries.length, 1)
    // It was on its way already.
    await (
      await topic.open({ topic: shape, onRecord() {}, onFailure() {} })
    ).write([
      {
        key: 'status-task-a-0',
        value: '{"state":"UNASSIGNED","trace":null,"worker_id":"old","generation":6}',
      },
    ])
    assert.equal(now.task(id)?.state, 'RUNNING')
    assert.equal(old.task(id)?.state, 'RUNNING')
  })

  test('forgets what is gone, and says whose topics are forgotten', async () => {
    const topic = new MemoryTopic()
    const forgotten: string[] = []
    const store = await openStatuses(topic, forgotten)
    store.putConnector('a', status('RUNNING', 'one', 1))
    store.putTask({ connector: 'a', task: 0 }, { ...status('RUNNING', 'one', 1), state: 'RUNNING' })
    store.putTopic({ connector: 'a', task: 0 }, 'x', 'id')
    store.putTopic({ connector: 'a', task: 0 }, 'x', 'id')
    await store.flush()
    assert.deepEqual((await openStatuses(topic, [])).topicIds('a'), new Map([['x', 'id']]))
    assert.deepEqual([store.connectors(), store.topics('a'), topic.entries.length], [['a'], ['x'], 3])
    store.forget('a')
    await store.flush()
    assert.deepEqual(store.connectors(), [])
    assert.deepEqual(forgotten, ['a'])
    assert.deepEqual(
      topic.entries.slice(3).map(({ value }) => value),
      [null, null, null],
    )
  })
})

describe('zombie fencing', () => {
  async function scene(counts: readonly number[]) {
    const configs = await openConfigs(new MemoryTopic())
    const fenced: string[][] = []
    const log = {
      async fenceProducers(ids: readonly string[]): Promise<void> {
        fenced.push([...ids])
      },
    }
    const fencing = new ZombieFencing({ configs, groupId: 'g', log })
    await configs.putConnector('a', { name: 'a' })
    for (const count of counts) {
      await configs.putTaskConfigs(
        'a',
        Array.from({ length: count }, () => ({})),
      )
      await fencing.fence('a')
    }
    return { configs, fencing, fenced, log }
  }

  test('fences as many tasks as there were before, once for each generation', async () => {
    const { configs, fencing, fenced } = await scene([2, 3, 1])
    assert.deepEqual(fenced, [
      ['g-a-0', 'g-a-1'],
      ['g-a-0', 'g-a-1', 'g-a-2'],
    ])
    await fencing.fence('a')
    assert.equal(fenced.length, 2)
    assert.equal(configs.get('a')?.fencedTaskCount, 1)
  })

  test('leaves one task that follows one to fence for itself', async () => {
    assert.deepEqual((await scene([1, 1])).fenced, [])
  })

  test('lets no task start where it fails, or where there are others meanwhile', async () => {
    const { configs, fencing, log } = await scene([2])
    await configs.putTaskConfigs('a', [{}])
    log.fenceProducers = async () => {
      throw new Error('no broker')
    }
    await assert.rejects(fencing.fence('a'), (error) => {
      return error instanceof RetriableError && hasCode('connect.fencing-failed')(error)
    })
    assert.equal(configs.get('a')?.isFencingPending, true)
    log.fenceProducers = () => configs.putTaskConfigs('a', [{}, {}])
    await assert.rejects(fencing.fence('a'), /new task configurations were generated/)
    await assert.rejects(fencing.fence('b'), hasCode('connect.connector-unknown'))
  })
})
