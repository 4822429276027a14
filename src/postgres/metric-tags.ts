import type { MetricGroup } from '../api/metrics.ts'
import type { SourceTaskContext } from '../api/source-task.ts'

/** Labels that every number of a connector gets: `custom.metric.tags`. */
export type MetricTags = readonly (readonly [label: string, value: string])[]

/** `k1=v1,k2=v2`. What Prometheus does not allow in a label becomes `_`, as the JMX exporter has it. */
export function metricTags(pairs: readonly string[]): MetricTags {
  // A comma at the end is followed by none.
  const given = pairs.filter((pair) => pair.trim() !== '')
  return given.map((pair) => {
    const [key = '', value = ''] = pair.split('=', 2).map((part) => part.trim())
    return [key.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_'), value]
  })
}

/** The same context, whose numbers carry the tags. */
export function withMetricTags(context: SourceTaskContext, tags: MetricTags): SourceTaskContext {
  if (tags.length === 0) return context
  return { ...context, metrics: (group) => context.metrics(tagged(group, tags)) }
}

/** A tag that has the name of a label gets another, as Prometheus does it: both are told. */
function tagged<N extends string>(group: MetricGroup<N>, tags: MetricTags): MetricGroup<N> {
  const own = tags.map(([label, value]) => [
    Object.hasOwn(group.labels, label) || label === 'le' ? `exported_${label}` : label,
    value,
  ])
  return { ...group, labels: { ...group.labels, ...Object.fromEntries(own) } }
}
