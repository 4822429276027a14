import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient } from '../testing/rest-client.ts'
import { prometheusText } from './prometheus-text.ts'

test('metrics are the states and counters of connectors and tasks', async () => {
  await using client = await RestClient.start()
  client.herder.configs.set('a "b"\\', { 'connector.class': 'FakeSinkConnector' })
  // As Prometheus asks.
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
  const { status, headers, text } = await client.call('GET', '/metrics', { headers: { accept } })
  assert.deepEqual([status, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8'])
  const lines = text.split('\n')
  for (const line of [
    'kafka_connect_worker_connector_count 1',
    'kafka_connect_worker_task_count 1',
    '# TYPE kafka_connect_sink_task_sink_record_send_total counter',
    'kafka_connect_connector_status{connector="a \\"b\\"\\\\",type="sink",state="RUNNING"} 1',
    'kafka_connect_connector_task_status{connector="a \\"b\\"\\\\",task="0",state="FAILED"} 1',
    'kafka_connect_sink_task_sink_record_send_total{connector="a \\"b\\"\\\\",task="0"} 7',
    'debezium_metrics_TotalTableCount{plugin="postgres",name="shop",context="snapshot"} 5',
    '# TYPE debezium_metrics_took_seconds histogram',
    'debezium_metrics_took_seconds_bucket{plugin="postgres",name="shop",context="snapshot",le="0.1"} 2',
    'debezium_metrics_took_seconds_bucket{plugin="postgres",name="shop",context="snapshot",le="1"} 2',
    'debezium_metrics_took_seconds_bucket{plugin="postgres",name="shop",context="snapshot",le="+Inf"} 3',
    'debezium_metrics_took_seconds_sum{plugin="postgres",name="shop",context="snapshot"} 3.1',
    'debezium_metrics_took_seconds_count{plugin="postgres",name="shop",context="snapshot"} 3',
    'tailrace_task_restarts_total{connector="a \\"b\\"\\\\",task="0",cause="postgres.connection-lost"} 4',
    'tailrace_connector_problem{connector="a \\"b\\"\\\\"} 1',
    'tailrace_task_restarts{connector="a \\"b\\"\\\\",task="0"} 0',
    'kafka_connect_task_error_total_record_failures{connector="a \\"b\\"\\\\",task="0"} 0',
  ]) {
    assert.ok(lines.includes(line), `${line} is not in\n${text}`)
  }
  assert.ok(!text.includes('source_task'), 'a sink has no counters of sources')
  assert.match(text, /^process_resident_memory_bytes \d+$/m)
})

test('a metric without samples is left out', () => {
  assert.equal(prometheusText([{ name: 'a', type: 'gauge', help: 'h', samples: [] }]), '\n')
})
