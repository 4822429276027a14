import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '../../../test/wait-for.ts'
import { ConfigResolver } from '../config-providers/config-resolver.ts'
import { PluginCatalogue } from '../plugin-catalogue.ts'
import type { TaskFailure } from '../task/task-messages.ts'
import type { TaskThreadPool } from '../task/task-thread-pool.ts'
import { StartupCounts } from '../startup-counts.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { testCatalogue, testWorkerProperties } from '../testing/test-catalogue.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'
import { AssignedConnector, type AssignedPart } from './assigned-connector.ts'
import { ConfiguredConnectors } from './configured-connectors.ts'

/** A connector with one task here, as far as the config topic has been read. */
function scene() {
  const configured = new ConfiguredConnectors()
  const config = { name: 'a', 'connector.class': 'test.CountingSourceConnector' }
  configured.apply({ kind: 'connector', connector: 'a', config }, 0n)
  const commit = (offset: bigint): void => {
    configured.apply({ kind: 'task', id: { connector: 'a', task: 0 }, config }, offset)
    configured.apply({ kind: 'commit', connector: 'a', taskCount: 1 }, offset + 1n)
  }
  commit(1n)
  const admitted: (TaskFailure | null)[] = []
  const begun: (() => void)[] = []
  const listeners: Parameters<TaskThreadPool['start']>[1][] = []
  const pool: Pick<TaskThreadPool, 'start'> = {
    start: ({ run }, listener) => {
      listeners.push(listener)
      begun.push(() => listener({ kind: 'begun', run }))
      const nothing = (): void => undefined
      const stop = async (): Promise<void> => undefined
      const admit = (refusal: TaskFailure | null): void => void admitted.push(refusal)
      return { pause: nothing, resume: nothing, forgetTopics: nothing, admit, stop }
    },
  }
  const unread: { readConfigs: () => Promise<void> } = { readConfigs: async () => undefined }
  const connector = new AssignedConnector('a', {
    pool: pool as TaskThreadPool,
    catalogue: new PluginCatalogue(testCatalogue),
    resolver: new ConfigResolver({}),
    worker: parseWorkerConfig(testWorkerProperties),
    logger: silentLogger,
    startups: new StartupCounts(),
    tracer: null,
    stopTimeoutMs: 1000,
    nextRun: () => begun.length + 1,
    onTopic: () => undefined,
    topicIds: () => new Map(),
    onConnectorState: () => undefined,
    onTaskState: () => undefined,
    publish: async () => undefined,
    fence: async () => undefined,
    readConfigs: () => unread.readConfigs(),
  })
  const part = (tasks: readonly number[]): AssignedPart => ({
    connector: configured.get('a')!,
    hasConnector: false,
    tasks: new Set(tasks),
  })
  return { connector, part, commit, admitted, begun, listeners, unread }
}

test('what a task here waits for, and how often it was started again, is known while it is so', async () => {
  const { connector, part, listeners } = scene()
  assert.deepEqual(connector.details(0), {})
  await connector.update(part([0]))
  const report = await waitFor('its start', () => listeners[0])
  report({ kind: 'started', run: 1 })
  assert.deepEqual(connector.details(0), {})
  report({ kind: 'waiting', run: 1, reason: 'nobody answers' })
  assert.deepEqual(connector.details(0), { waitsFor: 'nobody answers' })
  report({ kind: 'waiting', run: 1, reason: null })
  assert.deepEqual(connector.details(0), {})

  const failure: TaskFailure = { trace: 'gone\n\tat a', code: null, origin: null, isRetriable: true }
  report({ kind: 'failed', run: 1, failure })
  const { restarts, ...rest } = connector.details(0)
  assert.deepEqual([restarts?.count, restarts?.reason, rest], [1, 'gone', { failure }])

  await connector.update(part([]))
  assert.deepEqual(connector.details(0), {})
})

test('a source task writes if it is still the one that should, once those before cannot any more', async () => {
  const { connector, part, commit, admitted, begun, unread } = scene()
  await connector.update(part([0]))
  await waitFor('its start', () => begun.length === 1)
  begun[0]!()
  await waitFor('the answer', () => admitted.length === 1)
  assert.equal(admitted[0], null)

  // What this worker has not read yet when the next start asks.
  unread.readConfigs = async () => {
    commit(3n)
    void connector.update(part([0]))
  }
  begun[0]!()
  await waitFor('a refusal', () => admitted.length === 2)
  assert.match(
    admitted[1]!.trace,
    /a-0 with exactly-once support as the connector has already generated a new set/,
  )
  assert.equal(admitted[1]!.isRetriable, false)

  unread.readConfigs = () => Promise.reject(new Error('no broker'))
  await waitFor('the task of the new configurations', () => begun.length === 2)
  begun[1]!()
  await waitFor('another refusal', () => admitted.length === 3)
  assert.match(admitted[2]!.trace, /no broker/)
  assert.equal(admitted[2]!.isRetriable, true)

  unread.readConfigs = async () => void connector.update(part([]))
  begun[1]!()
  await waitFor('the last refusal', () => admitted.length === 4)
  assert.match(admitted[3]!.trace, /another worker runs the task now/)
})
