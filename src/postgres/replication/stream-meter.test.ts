import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangePosition } from '../envelope/change-position.ts'
import { metricsInMemory } from '../testing/metrics-in-memory.ts'
import { LeftOutChanges } from '../envelope/left-out-changes.ts'
import { StreamMeter } from './stream-meter.ts'

const OPTIONS = { topicPrefix: 'p', hasLagStatistics: true }

test('the lag is told with its least, most, average and quantiles, and only where changes came', () => {
  const shown = new Map<string, number>()
  const position = {
    lsn: 1n,
    txId: 2,
    sourceTimeUs: 0n,
    processedTimeUs: 0n,
  } as { -readonly [K in keyof ChangePosition]: ChangePosition[K] }
  const context = {
    connectorName: 'c',
    metrics: (group: Parameters<typeof metricsInMemory>[0]) => metricsInMemory(group, shown),
  }
  const meter = new StreamMeter({ context, options: OPTIONS, position, leftOut: new LeftOutChanges() })
  for (const lagUs of [7000n, 1000n, 4000n]) {
    position.processedTimeUs = lagUs
    meter.changed('INSERT')
    meter.report(100, 1000)
  }
  position.processedTimeUs = 900_000n
  meter.report(0, 1000)
  const lag = (name: string) => shown.get(`streaming MilliSecondsBehindSource${name}`)
  assert.deepEqual(
    ['', 'MinValue', 'MaxValue', 'AverageValue'].map((name) => lag(name)),
    [4, 1, 7, 4],
  )
  // Within one part in a hundred.
  assert.deepEqual(
    ['P50', 'P95', 'P99'].map((name) => Math.round(lag(name)!)),
    [4, 4, 4],
  )
})

test('the time from a commit to its topics is told once for each commit, not for those of before', () => {
  const shown = new Map<string, number>()
  const context = {
    connectorName: 'c',
    metrics: (group: Parameters<typeof metricsInMemory>[0]) => metricsInMemory(group, shown),
  }
  const position = { lsn: 0n, txId: 0, sourceTimeUs: 0n, processedTimeUs: 0n } as ChangePosition
  const meter = new StreamMeter({ context, options: OPTIONS, position, leftOut: new LeftOutChanges() })
  const nowUs = BigInt(Date.now()) * 1000n
  meter.begin(nowUs)
  for (const timeUs of [nowUs, nowUs + 1n, nowUs + 1n, nowUs + 2n]) meter.durable(timeUs)
  assert.equal(shown.get('commit_to_log_seconds'), 2)
})
