import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { partitionForKey } from '../api/partitioner.ts'
import { RecordBatchReader, RecordBatchWriter } from '../api/record-batch.ts'
import type { TaskCounter } from './task/task-meter.ts'
import { TestWorker, until } from './testing/test-worker.ts'

const source = { 'connector.class': 'CountingSource', 'poll.delay.ms': '1' }
const sink = { 'connector.class': 'CollectingSink' }

/** The numbers that a collecting sink has written, in order; fails when one is missing or there twice. */
function requireEachOnce(worker: TestWorker, file: string, count: number): void {
  const numbers = worker.lines(file).map(({ value }) => value!.n)
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    Array.from({ length: count }, (_, n) => n),
  )
}

describe('a worker with real task threads and the embedded log', () => {
  const worker = new TestWorker({ 'task.threads': '2' })
  before(() => worker.start())
  after(() => worker.remove())

  const collected = (file: string, count: number) => until(() => worker.lines(file).length >= count)
  const reaches = (name: string, states: string) => until(() => worker.states(name) === states)
  const firstNumber = async (topic: string): Promise<number> => {
    const [batch] = await worker.log.read({ topic, partition: 0, offset: 0n }, 1)
    const reader = new RecordBatchReader(batch!)
    assert.ok(reader.next())
    return (JSON.parse(reader.bytes.toString('utf8', reader.valueStart, reader.valueEnd)) as { n: number }).n
  }

  it('moves records from a source to a sink, in two threads', async () => {
    await worker.create('flow-source', { ...source, topic: 'flow', count: '1000' })
    await worker.create('flow-sink', { ...sink, topics: 'flow', file: worker.file('flow') })
    await collected('flow', 1000)
    requireEachOnce(worker, 'flow', 1000)
    assert.deepEqual(worker.lines('flow')[7], {
      topic: 'flow',
      partition: 0,
      offset: 7,
      value: { n: 7, text: 'number 7' },
      kind: 'json',
    })
    assert.equal(worker.threads.length, 2)
    assert.equal(worker.states('flow-source'), 'RUNNING RUNNING')
    assert.equal(worker.states('flow-sink'), 'RUNNING RUNNING')
  })

  it('shows connectors as the reference does', async () => {
    const { herder } = worker
    assert.deepEqual(herder.connectors(), ['flow-sink', 'flow-source'])
    assert.deepEqual(herder.connectorInfo('flow-source'), {
      name: 'flow-source',
      config: { ...source, topic: 'flow', count: '1000', name: 'flow-source' },
      tasks: [{ connector: 'flow-source', task: 0 }],
      type: 'source',
    })
    assert.deepEqual(herder.connectorStatus('flow-sink'), {
      name: 'flow-sink',
      connector: { state: 'RUNNING', workerId: '127.0.0.1:8083', version: '2.1' },
      tasks: [{ id: 0, state: 'RUNNING', workerId: '127.0.0.1:8083', version: '2.1' }],
      type: 'sink',
    })
    assert.equal(herder.taskConfigs('flow-source')[0]?.config['task.class'], 'test.CountingSourceTask')
  })

  it('keeps topics and offsets, and shows them', async () => {
    const { herder } = worker
    assert.deepEqual(herder.connectorTopics('flow-source'), ['flow'])
    await until(() => herder.connectorTopics('flow-sink').includes('flow'))
    assert.deepEqual(await herder.connectorOffsets('flow-source'), [
      { partition: { counter: 'flow-source' }, offset: { next: 1000 } },
    ])
    await until(
      async () => (await herder.connectorOffsets('flow-sink'))[0]?.offset?.['kafka_offset'] === 1000n,
    )
  })

  it('reads as the group that a sink wants', async () => {
    const group = 'consumer.override.group.id'
    await worker.create('own-group', {
      ...sink,
      topics: 'flow',
      file: worker.file('own-group'),
      [group]: 'mine',
    })
    const [stored] = [{ topic: 'flow', partition: 0, offset: 1000n }]
    await until(async () => isDeepStrictEqual(await worker.log.groupOffsets('mine'), [stored]))
    assert.deepEqual(await worker.log.groupOffsets('connect-own-group'), [])
    await worker.herder.setTargetState('own-group', 'STOPPED')
    await reaches('own-group', 'STOPPED')
    await worker.herder.resetConnectorOffsets('own-group')
    assert.deepEqual(await worker.log.groupOffsets('mine'), [])
    await worker.herder.deleteConnector('own-group')
  })

  it('counts what its tasks do', async () => {
    const counter = (name: string, what: TaskCounter) => worker.herder.taskMeters(name)[0]?.meter.value(what)
    assert.equal(counter('flow-source', 'source-record-poll-total'), 1000)
    assert.equal(counter('flow-source', 'source-record-write-total'), 1000)
    assert.equal(counter('flow-sink', 'sink-record-read-total'), 1000)
    assert.equal(counter('flow-sink', 'sink-record-send-total'), 1000)
    assert.equal(counter('flow-sink', 'partition-count'), 1)
    await until(() => counter('flow-sink', 'offset-commit-completion-total')! > 0)
    assert.equal(counter('flow-sink', 'total-record-failures'), 0)
  })

  it('refuses a second connector of a name, and an unknown one', async () => {
    const { herder } = worker
    await assert.rejects(worker.create('flow-source', { ...source, topic: 'flow' }), {
      name: 'ConflictError',
      message: 'Connector flow-source already exists',
    })
    assert.throws(() => herder.connectorInfo('nobody'), {
      name: 'NotFoundError',
      message: 'Connector nobody not found',
    })
    assert.throws(() => herder.connectorStatus('nobody'), { message: 'No status found for connector nobody' })
    await assert.rejects(herder.setTargetState('nobody', 'PAUSED'), { message: 'Unknown connector nobody' })
    await assert.rejects(herder.restartTask({ connector: 'flow-source', task: 7 }), {
      message: 'Unknown task: flow-source-7',
    })
  })

  it('pauses and resumes without losing a record', async () => {
    await worker.create('pause-source', {
      ...source,
      topic: 'pause',
      count: '3000',
      'batch.size': '10',
      'poll.delay.ms': '4',
    })
    await worker.create('pause-sink', { ...sink, topics: 'pause', file: worker.file('pause') })
    await collected('pause', 200)
    await worker.herder.setTargetState('pause-source', 'PAUSED')
    await worker.herder.setTargetState('pause-sink', 'PAUSED')
    await reaches('pause-source', 'PAUSED PAUSED')
    await reaches('pause-sink', 'PAUSED PAUSED')
    const end = async () => (await worker.log.describeTopic('pause'))!.partitions[0]!.endOffset
    const paused = await until(async () => {
      const before = await end()
      await new Promise((resolve) => setImmediate(resolve))
      return (await end()) === before ? before : null
    })
    assert.ok(paused < 3000n, 'the source had finished before it was paused')
    await worker.herder.setTargetState('pause-source', 'STARTED')
    await worker.herder.setTargetState('pause-sink', 'STARTED')
    await reaches('pause-source', 'RUNNING RUNNING')
    await collected('pause', 3000)
    requireEachOnce(worker, 'pause', 3000)
  })

  it('stops a connector, lets its offsets be changed, and goes on from them', async () => {
    const { herder } = worker
    await assert.rejects(herder.resetConnectorOffsets('pause-source'), {
      name: 'ConfigError',
      message: /must be in the STOPPED state before their offsets can be modified/,
    })
    await herder.setTargetState('pause-source', 'STOPPED')
    await reaches('pause-source', 'STOPPED')
    const all = { includeTasks: true, onlyFailed: false }
    assert.equal((await herder.restartConnector('pause-source', all)).connector.state, 'RESTARTING')
    await reaches('pause-source', 'STOPPED')
    const partition = { counter: 'pause-source' }
    const { log } = worker
    const write = log.writeState.bind(log)
    // Written late: who starts meanwhile must not begin where it was before.
    log.writeState = async (entries) => {
      log.writeState = write
      await new Promise((resolve) => setTimeout(resolve, 200))
      await log.writeState(entries)
    }
    const altered = herder.alterConnectorOffsets('pause-source', [{ partition, offset: { next: 2990 } }])
    await Promise.all([altered, herder.setTargetState('pause-source', 'STARTED')])
    assert.match(await altered, /have been altered successfully/)
    await collected('pause', 3010)
    assert.deepEqual(
      worker
        .lines('pause')
        .slice(3000)
        .map(({ value }) => value!.n),
      Array.from({ length: 10 }, (_, i) => 2990 + i),
    )
  })

  it('shows RESTARTING in the answer to a restart and runs on', async () => {
    const options = { includeTasks: true, onlyFailed: false }
    const { connector, tasks } = await worker.herder.restartConnector('flow-sink', options)
    assert.deepEqual([connector.state, tasks[0]?.state], ['RESTARTING', 'RESTARTING'])
    await reaches('flow-sink', 'RUNNING RUNNING')
    assert.equal(worker.lines('flow').length, 1000)
  })

  it('fails a task for bad data and leaves it so until it is restarted', async () => {
    const failing = { ...source, topic: 'failing', count: '500', 'fail.at': '250' }
    await worker.create('failing', failing)
    await reaches('failing', 'RUNNING FAILED')
    const trace = worker.herder.connectorStatus('failing').tasks[0]!.trace!
    assert.equal(trace, 'org.apache.kafka.connect.errors.DataException: 250 cannot be counted')
    const { tasks } = await worker.herder.restartConnector('failing', {
      includeTasks: true,
      onlyFailed: true,
    })
    assert.equal(tasks[0]?.state, 'RESTARTING')
    await reaches('failing', 'RUNNING FAILED')
    await worker.herder.putConnectorConfig(
      'failing',
      { ...failing, 'fail.at': '-1' },
      { mode: 'createOrUpdate' },
    )
    await until(async () => (await worker.log.describeTopic('failing'))?.partitions[0]!.endOffset === 500n)
    await reaches('failing', 'RUNNING RUNNING')
  })

  it('starts a task again by itself after a failure that passes', async () => {
    await worker.create('away', {
      ...source,
      topic: 'away',
      count: '500',
      'fail.at': '250',
      'fail.how': 'retriable-once',
    })
    await reaches('away', 'RUNNING RESTARTING')
    assert.equal(
      worker.herder.connectorStatus('away').tasks[0]!.trace,
      'org.apache.kafka.connect.errors.RetriableException: The counter is away',
    )
    await reaches('away', 'RUNNING RUNNING')
    await until(async () => (await worker.log.describeTopic('away'))?.partitions[0]!.endOffset === 500n)
    assert.equal(worker.herder.connectorStatus('away').tasks[0]!.trace, undefined)
  })

  it('fails a source whose topic was deleted, until somebody has said what is to become of it', async () => {
    const { herder, log } = worker
    const end = async () => (await log.describeTopic('gone'))?.partitions[0]!.endOffset ?? 0n
    const failed = async () => {
      await reaches('gone', 'RUNNING FAILED')
      const { trace, failure } = herder.connectorStatus('gone').tasks[0]!
      assert.match(trace!, /Topic gone was deleted after connector gone had written to it/)
      assert.equal(failure?.code, 'connect.topic-vanished')
    }
    await worker.create('gone', { ...source, topic: 'gone' })
    await until(async () => herder.connectorTopics('gone').length === 1 && (await end()) > 100n)
    await log.deleteTopic('gone')
    await failed()
    await herder.restartTask({ connector: 'gone', task: 0 })
    await until(() => worker.states('gone') !== 'RUNNING FAILED')
    await failed()
    assert.equal(await log.describeTopic('gone'), null)

    await herder.resetConnectorTopics('gone')
    await herder.restartTask({ connector: 'gone', task: 0 })
    await until(async () => (await end()) > 100n)
    assert.notEqual(await firstNumber('gone'), 0)

    await herder.setTargetState('gone', 'STOPPED')
    await reaches('gone', 'STOPPED')
    await log.deleteTopic('gone')
    await herder.resetConnectorOffsets('gone')
    await herder.setTargetState('gone', 'STARTED')
    await until(async () => (await end()) > 100n)
    assert.equal(await firstNumber('gone'), 0)
    await herder.deleteConnector('gone')
  })

  it('fails a task that cannot start, and the connector stays', async () => {
    await worker.create('no-start', { ...source, topic: 'none', 'start.how': 'fail' })
    await reaches('no-start', 'RUNNING FAILED')
    assert.equal(
      worker.herder.connectorStatus('no-start').tasks[0]!.trace,
      'org.apache.kafka.connect.errors.ConnectException: There is nothing to count',
    )
  })

  it('is not held up by a task that hangs while it starts', async () => {
    await worker.create('hanging', { ...source, topic: 'none', 'start.how': 'hang' })
    await until(() => worker.states('hanging') === 'RUNNING UNASSIGNED')
    await worker.create('beside', { ...source, topic: 'beside', count: '10' })
    await reaches('beside', 'RUNNING RUNNING')
    await worker.herder.deleteConnector('hanging')
    assert.throws(() => worker.herder.connectorInfo('hanging'), { name: 'NotFoundError' })
  })

  it('puts batches again that a sink refused for now', async () => {
    await worker.create('again', {
      ...sink,
      topics: 'flow',
      file: worker.file('again'),
      'fail.how': 'retriable-once',
    })
    await collected('again', 1000)
    requireEachOnce(worker, 'again', 1000)
  })

  for (const how of ['data', 'later']) {
    it(`fails a sink task whose put fails (${how}), with the cause in the trace`, async () => {
      const name = `sink-${how}`
      await worker.create(name, { ...sink, topics: 'flow', file: worker.file(name), 'fail.how': how })
      await reaches(name, 'RUNNING FAILED')
      const [first, second] = worker.herder.connectorStatus(name).tasks[0]!.trace!.split('\n')
      assert.equal(
        first,
        'org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.',
      )
      assert.match(second!, /^Caused by: org.apache.kafka.connect.errors.DataException: The file d/)
    })
  }

  it('gives transformed records where a sink has transformations, and templates to sources that can compile', async () => {
    await worker.create('routed-source', {
      ...source,
      topic: 'routed',
      count: '100',
      transforms: 'skipped,route',
      'transforms.skipped.type': 'test.Route',
      'transforms.skipped.topic': 'elsewhere',
      'transforms.skipped.predicate': 'here',
      'transforms.skipped.negate': 'true',
      'transforms.route.type': 'Route',
      'transforms.route.topic': 'routed-2',
      predicates: 'here',
      'predicates.here.type': 'test.TopicIs',
      'predicates.here.topic': 'routed',
    })
    await worker.create('general-source', {
      ...source,
      topic: 'general',
      count: '100',
      transforms: 'route',
      'transforms.route.type': 'test.Route',
      'transforms.route.topic': 'routed-2',
      'transforms.route.only.general': 'true',
    })
    await worker.create('routed-sink', {
      ...sink,
      'topics.regex': 'routed-.',
      file: worker.file('routed'),
      transforms: 'route',
      'transforms.route.type': 'test.Route',
      'transforms.route.topic': 'routed-3',
    })
    await collected('routed', 200)
    const lines = worker.lines('routed')
    assert.deepEqual(new Set(lines.map(({ kind }) => kind)), new Set(['records']))
    assert.equal(new Set(lines.map(({ value }) => JSON.stringify(value))).size, 100)
    const batches = await worker.log.read({ topic: 'routed-2', partition: 0, offset: 0n }, 1024 * 1024)
    const bytes = new Set<string>()
    for (const batch of batches) {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        bytes.add(`${reader.key!.toString()} ${reader.value!.toString()}`)
      }
    }
    assert.equal(bytes.size, 100, 'both paths write the same bytes')
    assert.ok(bytes.has('{"n":7} {"n":7,"text":"number 7"}'))
  })

  it('passes bad records over with errors.tolerance=all and keeps them in the dead letter queue', async () => {
    await worker.log.createTopic({ name: 'mixed', partitions: 1 })
    const writer = new RecordBatchWriter()
    writer.record(1000, Buffer.from('"a"'), Buffer.from('{"n":0,"text":"good"}'))
    writer.record(1001, Buffer.from('"b"'), Buffer.from('{"n":'))
    writer.record(1002, Buffer.from('"c"'), Buffer.from('{"n":1,"text":"good"}'))
    await worker.log.append({ batches: [{ topic: 'mixed', partition: 0, batch: writer.finish() }] })
    await worker.create('tolerant', {
      ...sink,
      topics: 'mixed',
      file: worker.file('tolerant'),
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': 'dead',
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    await collected('tolerant', 2)
    assert.deepEqual(
      worker.lines('tolerant').map(({ offset }) => offset),
      [0, 2],
    )
    const [batch] = await worker.log.read({ topic: 'dead', partition: 0, offset: 0n }, 1)
    const reader = new RecordBatchReader(batch!)
    assert.ok(reader.next())
    assert.deepEqual([reader.key!.toString(), reader.value!.toString()], ['"b"', '{"n":'])
    const headers = Object.fromEntries(reader.headers.map(({ name, value }) => [name, value!.toString()]))
    assert.deepEqual(Object.keys(headers), [
      '__connect.errors.topic',
      '__connect.errors.partition',
      '__connect.errors.offset',
      '__connect.errors.connector.name',
      '__connect.errors.task.id',
      '__connect.errors.stage',
      '__connect.errors.class.name',
      '__connect.errors.exception.class.name',
      '__connect.errors.exception.message',
      '__connect.errors.exception.stacktrace',
    ])
    assert.equal(headers['__connect.errors.offset'], '1')
    assert.equal(headers['__connect.errors.stage'], 'VALUE_CONVERTER')
    assert.equal(headers['__connect.errors.class.name'], 'test.PlainJsonConverter')
    assert.equal(headers['__connect.errors.exception.message'], 'Not JSON')
    const { meter } = worker.herder.taskMeters('tolerant')[0]!
    assert.equal(meter.value('total-records-skipped'), 1)
    assert.equal(meter.value('deadletterqueue-produce-requests'), 1)
  })

  it('fails with "Tolerance exceeded" where errors are not tolerated', async () => {
    await worker.create('strict', {
      ...sink,
      topics: 'mixed',
      file: worker.file('strict'),
      transforms: 'route',
      'transforms.route.type': 'test.Route',
      'transforms.route.topic': 'other',
    })
    await reaches('strict', 'RUNNING FAILED')
    const trace = worker.herder.connectorStatus('strict').tasks[0]!.trace!
    assert.deepEqual(trace.split('\n').slice(0, 2), [
      'org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler',
      'Caused by: org.apache.kafka.connect.errors.DataException: Not JSON',
    ])
  })

  it('keeps a dead letter of the record that fails the task, in the partition of its key', async () => {
    await worker.log.createTopic({ name: 'dead-strict', partitions: 3 })
    await worker.create('strict-dead', {
      ...sink,
      topics: 'mixed',
      file: worker.file('strict-dead'),
      'errors.deadletterqueue.topic.name': 'dead-strict',
    })
    await reaches('strict-dead', 'RUNNING FAILED')
    const partition = partitionForKey(Buffer.from('"b"'), 0, 3, 3)
    const [batch] = await worker.log.read({ topic: 'dead-strict', partition, offset: 0n }, 1)
    const reader = new RecordBatchReader(batch!)
    assert.ok(reader.next())
    assert.deepEqual([reader.value!.toString(), reader.headers], ['{"n":', []])
  })

  it('names a record that a sink task finds unreadable in the same words', async () => {
    await worker.create('strict-json', { ...sink, topics: 'mixed', file: worker.file('strict-json') })
    await reaches('strict-json', 'RUNNING FAILED')
    const trace = worker.herder.connectorStatus('strict-json').tasks[0]!.trace!
    assert.match(
      trace,
      /^org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler\n/,
    )
  })

  it('splits the partitions of a topic among the tasks of a sink', async () => {
    await worker.log.createTopic({ name: 'wide', partitions: 4 })
    await worker.create('wide-source', {
      ...source,
      topic: 'narrow',
      count: '1000',
      transforms: 'route',
      'transforms.route.type': 'test.Route',
      'transforms.route.topic': 'wide',
      'transforms.route.only.general': 'true',
    })
    await worker.create('wide-sink', { ...sink, topics: 'wide', 'tasks.max': '3', file: worker.file('wide') })
    await reaches('wide-sink', 'RUNNING RUNNING RUNNING RUNNING')
    await collected('wide', 1000)
    requireEachOnce(worker, 'wide', 1000)
    assert.equal(new Set(worker.lines('wide').map(({ partition }) => partition)).size, 4)
  })

  it('survives a thread that dies, and loses and repeats nothing of the source', async () => {
    await worker.create('dying', {
      ...source,
      topic: 'dying',
      count: '500',
      'fail.at': '250',
      'fail.how': 'uncaught',
    })
    await until(() =>
      /nobody catches this/.test(worker.herder.connectorStatus('dying').tasks[0]?.trace ?? ''),
    )
    const [firstLine] = worker.herder.connectorStatus('dying').tasks[0]!.trace!.split('\n')
    assert.match(
      firstLine!,
      /^org.apache.kafka.connect.errors.RetriableException: The thread that ran this task ended/,
    )
    await worker.herder.deleteConnector('dying')
    await reaches('flow-source', 'RUNNING RUNNING')
    await reaches('flow-sink', 'RUNNING RUNNING')
    const before = worker.lines('pause').length
    await worker.threads.at(-1)!.terminate()
    await reaches('pause-sink', 'RUNNING RUNNING')
    await reaches('pause-source', 'RUNNING RUNNING')
    assert.equal(worker.lines('pause').length, before)
  })

  it('ends a thread that a task does not let go of', async () => {
    const small = new TestWorker({ 'task.threads': '1', 'task.shutdown.graceful.timeout.ms': '50' })
    await small.start()
    try {
      await small.create('good', { ...source, topic: 'good', count: '100' })
      await until(() => small.states('good') === 'RUNNING RUNNING')
      const stuck = { 'poll.delay.ms': '0', 'fail.at': '100', 'fail.how': 'block' }
      await small.create('stuck', { ...source, topic: 'stuck', ...stuck })
      await until(async () => (await small.log.describeTopic('stuck'))?.partitions[0]?.endOffset === 100n)
      await small.herder.setTargetState('stuck', 'STOPPED')
      await until(() => small.states('stuck') === 'STOPPED')
      await until(() => small.states('good') === 'RUNNING RUNNING')
      assert.equal(small.threads.length, 2)
    } finally {
      await small.remove()
    }
  })

  it('starts a thread while it looks at a configuration, once for all that it refuses', async () => {
    const small = new TestWorker({ 'task.threads': '2' })
    await small.start()
    try {
      const created = small.create('counting', { ...source, topic: 'prepared', count: '10' })
      assert.equal(small.threads.length, 1)
      await created
      await until(() => small.states('counting') === 'RUNNING RUNNING')
      assert.equal(small.threads.length, 1)
      const refused = { ...source, 'tasks.max': 'many' }
      await assert.rejects(small.create('refused', refused), { code: 'connect.config-invalid' })
      await assert.rejects(small.create('refused', refused), { code: 'connect.config-invalid' })
      assert.equal(small.threads.length, 2)
    } finally {
      await small.remove()
    }
  })

  it('goes on after a restart of the worker, with every record once', async () => {
    await worker.create('long-source', {
      ...source,
      topic: 'long',
      count: '5000',
      'batch.size': '10',
      'poll.delay.ms': '4',
    })
    await worker.create('long-sink', { ...sink, topics: 'long', file: worker.file('long') })
    await worker.create('kept-paused', { ...source, topic: 'never' })
    await worker.herder.setTargetState('kept-paused', 'PAUSED')
    await collected('long', 500)
    await worker.stop()
    const written = worker.lines('long').length
    assert.ok(written < 5000, 'it had finished before it was stopped')
    await worker.start()
    await collected('long', 5000)
    requireEachOnce(worker, 'long', 5000)
    await reaches('kept-paused', 'PAUSED PAUSED')
    assert.equal(worker.states('pause-source'), 'RUNNING RUNNING')
    assert.deepEqual(worker.herder.connectorTopics('flow-source'), ['flow'])
  })

  it('forgets a deleted connector but not its offsets', async () => {
    await worker.herder.deleteConnector('long-source')
    assert.deepEqual(worker.herder.connectorTopics('long-source'), [])
    await worker.create('long-source', { ...source, topic: 'long', count: '5010' })
    await collected('long', 5010)
    requireEachOnce(worker, 'long', 5010)
  })
})
