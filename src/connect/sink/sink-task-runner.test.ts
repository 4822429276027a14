import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigDef } from '../../api/config-def.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { SinkTask, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Consumer, ConsumerOptions, Log } from '../../log/log.ts'
import { PluginCatalogue } from '../plugin-catalogue.ts'
import { SinkTaskRunner } from './sink-task-runner.ts'
import { TaskMeter } from '../task/task-meter.ts'
import type { TaskEnvironment } from '../task/task-runner.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { testCatalogue, testWorkerProperties } from '../testing/test-catalogue.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'

/** Stores what it has when its partitions are taken away, and not before. */
class LateTask implements SinkTask {
  #isStored = false
  start = () => Promise.resolve()
  put = () => Promise.resolve()
  stop = () => Promise.resolve()
  close = () => {
    this.#isStored = true
    return Promise.resolve()
  }
  preCommit = (positions: readonly TopicPartitionOffset[]) => Promise.resolve(this.#isStored ? positions : [])
}

const lateSink: SinkConnectorPlugin = {
  type: 'sink',
  className: 'test.LateSinkConnector',
  version: '1',
  configDef: new ConfigDef({}),
  taskConfigs: (config) => [config],
  loadTask: () => Promise.resolve(() => new LateTask()),
}

test('what a task stores while its partitions are taken away is committed, so that nobody writes it again', async () => {
  const where = { topic: 't', partition: 0 }
  const committed = Promise.withResolvers<readonly TopicPartitionOffset[]>()
  const writer = new RecordBatchWriter()
  writer.record(0, null, Buffer.from('{}'))
  const batch = writer.finish()
  let polls = 0
  const log = {
    openConsumer: (options: ConsumerOptions) =>
      Promise.resolve({
        poll: async (_: number, signal: AbortSignal) => {
          if (++polls === 1) await options.onAssigned([{ ...where, offset: 0n }])
          if (polls === 2) return [{ ...where, batch, firstOffset: 0n }]
          if (polls === 3) await options.onRevoked([where])
          else if (polls > 3 && !signal.aborted)
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return []
        },
        commit: (offsets: readonly TopicPartitionOffset[]) => Promise.resolve(committed.resolve(offsets)),
        close: () => Promise.resolve(),
      } as unknown as Consumer),
  }
  const load = () => Promise.resolve(lateSink)
  const entry = { className: lateSink.className, type: 'sink', version: '1', load } as const
  const worker = parseWorkerConfig(testWorkerProperties)
  const runner = new SinkTaskRunner({
    spec: { id: { connector: 'c', task: 0 }, connectorClass: entry.className, connectorConfig: { topics: 't' }, taskConfig: {}, taskCount: 1, worker }, // prettier-ignore
    log: log as unknown as Log,
    catalogue: new PluginCatalogue([...testCatalogue, entry]),
    logger: silentLogger,
    meter: new TaskMeter(),
    begin: () => Promise.resolve(),
    onStarted: () => {},
    onPaused: () => {},
    onTopic: () => {},
    onWaiting: () => {},
    onMetrics: () => {},
    tracer: null,
  } as unknown as TaskEnvironment)
  const ended = runner.run()
  assert.deepEqual(await Promise.race([committed.promise, ended]), [{ ...where, offset: 1n }])
  await runner.stop(1000)
  await ended
})
