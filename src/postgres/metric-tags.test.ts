import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricGroup } from '../api/metrics.ts'
import type { SourceTaskContext } from '../api/source-task.ts'
import { metricTags, withMetricTags } from './metric-tags.ts'

/** The labels that a group gets. */
function labelsOf(pairs: readonly string[], labels: Record<string, string>): Record<string, string> {
  const groups: MetricGroup<string>[] = []
  const metrics = (group: MetricGroup<string>) => {
    groups.push(group)
    return { set: () => {}, add: () => {}, observe: () => {} }
  }
  const context = { connectorName: 'c', metrics } as unknown as SourceTaskContext
  withMetricTags(context, metricTags(pairs)).metrics({ prefix: 'x_', labels, metrics: {} })
  return groups[0]!.labels
}

test('tags are labels beside those that a metric has', () => {
  assert.deepEqual(labelsOf(['team=a', ' stage = b 1 ', ''], { context: 'streaming' }), {
    context: 'streaming',
    team: 'a',
    stage: 'b 1',
  })
  assert.deepEqual(labelsOf([], { context: 'streaming' }), { context: 'streaming' })
})

test('what Prometheus does not allow is altered, and no label of a metric is lost', () => {
  assert.deepEqual(labelsOf(['my-team=a', '1st=b', 'name=c', 'le=d'], { name: 'p' }), {
    name: 'p',
    my_team: 'a',
    _1st: 'b',
    exported_name: 'c',
    exported_le: 'd',
  })
})
