import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Herder, WorkerGroup } from '../../connect/herder.ts'
import { TestWorker, until } from '../../connect/testing/test-worker.ts'
import { FakeHerder } from '../testing/fake-herder.ts'
import { workerMetrics } from './worker-metrics.ts'

const worker = new TestWorker({ 'tasks.auto.restart.delay.ms': '30' })
before(() => worker.start())
after(() => worker.remove())

/** The samples of `kafka_connect_…`, by name and connector. */
function samples(herder: Herder): ReadonlyMap<string, number> {
  return new Map(
    workerMetrics(herder, []).flatMap(({ name, samples: own }) =>
      own.map(({ labels, value }) => [
        [name.replace('kafka_connect_', ''), labels['connector']].filter(Boolean).join(' '),
        value,
      ]),
    ),
  )
}

test('a source and a sink have the numbers of Kafka Connect', async () => {
  const source = { 'connector.class': 'CountingSource', topic: 'numbers', count: '60', 'batch.size': '20' }
  await worker.create('numbers', source)
  await worker.create('lines', {
    'connector.class': 'CollectingSink',
    topics: 'numbers',
    file: worker.file('lines'),
  })
  await until(() => worker.lines('lines').length === 60)
  const isCommitted = (read: ReadonlyMap<string, number>) =>
    read.get('sink_task_offset_commit_completion_total lines')! > 0 &&
    read.get('sink_task_sink_record_active_count lines') === 0 &&
    read.get('source_task_source_record_active_count numbers') === 0
  const read = await until(() => {
    const now = samples(worker.herder)
    return isCommitted(now) ? now : null
  })
  const number = (name: string) => {
    const value = read.get(name)
    assert.ok(value !== undefined, `${name} is not in\n${[...read.keys()].join('\n')}`)
    return value
  }
  for (const [name, expected] of [
    ['worker_connector_count', 2],
    ['worker_task_count', 2],
    ['worker_connector_startup_attempts_total', 2],
    ['worker_connector_startup_success_percentage', 1],
    ['worker_task_startup_success_total', 2],
    ['worker_task_startup_failure_total', 0],
    ['worker_connector_total_task_count lines', 1],
    ['worker_connector_running_task_count lines', 1],
    ['worker_connector_failed_task_count lines', 0],
    ['source_task_source_record_poll_total numbers', 60],
    ['source_task_source_record_write_total numbers', 60],
    ['sink_task_sink_record_read_total lines', 60],
    ['sink_task_sink_record_send_total lines', 60],
    ['sink_task_partition_count lines', 1],
    ['task_error_last_error_timestamp lines', 0],
    ['connector_task_pause_ratio lines', 0],
  ] as const) {
    assert.equal(number(name), expected, name)
  }
  assert.equal(
    number('sink_task_offset_commit_seq_no lines'),
    number('sink_task_offset_commit_completion_total lines'),
  )
  const ratio = number('connector_task_running_ratio lines')
  assert.ok(ratio > 0 && ratio < 1, `running for ${ratio} of the time`)
  assert.ok(!read.has('worker_rebalance_epoch'), 'a worker on its own has no rounds')
})

test('what moves has rates, averages and maxima', async () => {
  const source = { 'connector.class': 'CountingSource', topic: 'flow', 'batch.size': '4' }
  await worker.create('flow', { ...source, count: '1000000', 'poll.delay.ms': '5' })
  const sink = { 'connector.class': 'CollectingSink', topics: 'flow', file: worker.file('flow-lines') }
  await worker.create('flow-lines', sink)
  const positive = [
    'source_task_source_record_poll_rate flow',
    'source_task_source_record_write_rate flow',
    'source_task_source_record_active_count_max flow',
    'source_task_source_record_active_count_avg flow',
    'source_task_poll_batch_avg_time_ms flow',
    'source_task_poll_batch_max_time_ms flow',
    'connector_task_offset_commit_avg_time_ms flow',
    'connector_task_offset_commit_max_time_ms flow',
    'sink_task_sink_record_read_rate flow-lines',
    'sink_task_sink_record_send_rate flow-lines',
    'sink_task_sink_record_active_count_max flow-lines',
    'sink_task_put_batch_avg_time_ms flow-lines',
    'sink_task_put_batch_max_time_ms flow-lines',
    'sink_task_offset_commit_completion_rate flow-lines',
    'connector_task_batch_size_avg flow-lines',
    'connector_task_offset_commit_max_time_ms flow-lines',
  ]
  const read = await until(() => {
    const now = samples(worker.herder)
    return positive.every((name) => now.get(name)! > 0) ? now : null
  })
  assert.equal(read.get('connector_task_batch_size_avg flow'), 4)
  assert.equal(read.get('connector_task_batch_size_max flow'), 4)
  for (const connector of ['flow', 'flow-lines']) {
    assert.equal(read.get(`connector_task_offset_commit_success_percentage ${connector}`), 1)
    assert.equal(read.get(`connector_task_offset_commit_failure_percentage ${connector}`), 0)
  }
  await worker.herder.setTargetState('flow', 'PAUSED')
  await until(() => samples(worker.herder).get('connector_task_pause_ratio flow')! > 0)
  assert.equal(samples(worker.herder).get('worker_connector_paused_task_count flow'), 1)
})

test('starts that fail are counted', async () => {
  const failures = () => samples(worker.herder).get('worker_task_startup_failure_total')
  assert.equal(failures(), 0)
  await worker.create('unstartable', {
    'connector.class': 'CountingSource',
    topic: 'none',
    'start.how': 'fail',
  })
  await until(() => worker.states('unstartable') === 'RUNNING FAILED')
  assert.equal(failures(), 1)
  assert.equal(samples(worker.herder).get('worker_connector_startup_failure_total'), 0)
})

test('a worker of a group tells of its rounds, and only of what is its', () => {
  const herder = new FakeHerder()
  herder.configs.set('mine', {})
  herder.configs.set('theirs', {})
  herder.isHere = (of?: unknown) =>
    (typeof of === 'string' ? of : (of as { connector: string }).connector) === 'mine'
  const times = { count: 2, sum: 700, max: 400, average: 350, perSecond: 0 }
  const rebalances = {
    leaderUrl: 'http://one:8083/',
    generation: 7,
    protocol: 'sessioned',
    completed: 2,
    isRebalancing: false,
    times,
    sinceLastMs: 1500,
  }
  const metrics = workerMetrics(Object.assign(herder, { group: { rebalances } as WorkerGroup }), [])
  const of = (name: string) =>
    metrics.find((metric) => metric.name === `kafka_connect_worker_${name}`)!.samples
  assert.deepEqual(
    [
      'epoch',
      'completed_rebalances_total',
      'rebalancing',
      'rebalance_avg_time_ms',
      'rebalance_max_time_ms',
      'time_since_last_rebalance_ms',
    ].map((name) => of(`rebalance_${name}`)[0]!.value),
    [7, 2, 0, 350, 400, 1500],
  )
  assert.deepEqual(of('rebalance_leader_name')[0]!.labels, { leader_name: 'http://one:8083/' })
  assert.deepEqual(of('rebalance_connect_protocol')[0]!.labels, { connect_protocol: 'SESSIONED' })
  assert.equal(of('connector_count')[0]!.value, 1)
  assert.deepEqual(
    of('connector_total_task_count').map(({ labels }) => labels['connector']),
    ['mine'],
  )
})
