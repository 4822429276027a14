import type { MetricGroup, Metrics } from '../../api/metrics.ts'

/** Keeps what a task reports, by the group's context and the metric's name: `snapshot TotalTableCount`. */
export function metricsInMemory<N extends string>(
  { labels, metrics }: MetricGroup<N>,
  numbers: Map<string, number>,
): Metrics<N> {
  const key = (name: N) => [labels['context'], labels['table'], name].filter(Boolean).join(' ')
  for (const name of Object.keys(metrics) as N[]) numbers.set(key(name), 0)
  return {
    set: (name, value) => void numbers.set(key(name), value),
    // Of a histogram, how many values it has.
    observe: (name, _value, count = 1) => void numbers.set(key(name), numbers.get(key(name))! + count),
    add: (name, count = 1) => void numbers.set(key(name), numbers.get(key(name))! + count),
  }
}
