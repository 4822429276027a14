import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test, type TestContext } from 'node:test'
import { receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import { silentLogger } from '../testing/silent-logger.ts'
import type { TaskCode, TaskSpec, ThreadCommand } from './task-messages.ts'
import { TaskThreadPool } from './task-thread-pool.ts'

const source: TaskCode = { type: 'source', connectorClass: 'test.Source' }
const sink: TaskCode = { type: 'sink', connectorClass: 'test.Sink' }

test('a task gets the thread that has loaded its code, and what is of another class leaves it alone', (t) => {
  const { pool, heard, start } = poolOf(2, t)
  pool.prepare(source)
  start(sink, 1)
  start(source, 2)
  assert.deepEqual(heard(), [['prepare test.Source', 'start test.Source'], ['start test.Sink']])
})

test('a prepared thread runs whatever comes where there cannot be another', (t) => {
  const { pool, heard, start } = poolOf(1, t)
  pool.prepare(source)
  start(sink, 1)
  assert.deepEqual(heard(), [['prepare test.Source', 'start test.Sink']])
})

test('code that a thread has loaded is not asked for again until the thread has run something', async (t) => {
  const { pool, heard, start, stopped } = poolOf(1, t)
  pool.prepare(source)
  pool.prepare(source)
  const run = start(source, 1)
  await stopped(run, 1)
  pool.prepare(source)
  assert.deepEqual(heard(), [['prepare test.Source', 'start test.Source', 'stop', 'prepare test.Source']])
})

/** Threads that nobody runs: what they are told waits in their ports. */
function poolOf(maxThreads: number, t: TestContext) {
  const ports: MessagePort[] = []
  const pool = new TaskThreadPool({
    startThread: (port) => {
      ports.push(port)
      return Object.assign(new EventEmitter(), { terminate: () => Promise.resolve(0) }) as unknown as Worker
    },
    maxThreads,
    resourceLimits: {},
    logger: silentLogger,
    tracing: null,
  })
  t.after(() => ports.forEach((port) => port.close()))
  return {
    pool,
    heard: () => ports.map((port) => [...commandsIn(port)].map(describe)),
    start: (code: TaskCode, run: number) =>
      pool.start({ ...code, run, id: { connector: 'c', task: 0 } } as unknown as TaskSpec, () => undefined),
    stopped: async ({ stop }: { readonly stop: (timeoutMs: number) => Promise<void> }, run: number) => {
      const ended = stop(60_000)
      ports[0]!.postMessage({ kind: 'stopped', run }, [])
      await ended
    },
  }
}

function* commandsIn(port: MessagePort): Generator<ThreadCommand> {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    yield next.message as ThreadCommand
  }
}

function describe(command: ThreadCommand): string {
  if (command.kind === 'prepare') return `prepare ${command.code.connectorClass}`
  if (command.kind === 'start') return `start ${command.spec.connectorClass}`
  return command.kind
}
