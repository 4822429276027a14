import type { MetricGroup, Metrics } from '../api/metrics.ts'

/** What crosses from the task's thread to the herder's, once for each group: the numbers stay in shared memory. */
export interface ReportedMetrics {
  readonly group: MetricGroup<string>
  readonly values: SharedArrayBuffer
}

/** The numbers of one group, in memory that the task's thread and the main thread share. One writer, the task. */
export class SharedMetrics<N extends string> implements Metrics<N> {
  readonly reported: ReportedMetrics
  readonly #places: ReadonlyMap<N, number>
  readonly #values: Float64Array

  constructor(group: MetricGroup<N>) {
    const names = Object.keys(group.metrics) as N[]
    const values = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT)
    this.reported = { group, values }
    this.#places = new Map(names.map((name, place) => [name, place]))
    this.#values = new Float64Array(values)
  }

  set(name: N, value: number): void {
    this.#values[this.#places.get(name)!] = value
  }

  add(name: N, count = 1): void {
    this.#values[this.#places.get(name)!]! += count
  }
}

/** Lets the herder know of a group, and the task write to it. */
export function reportMetrics<N extends string>(
  group: MetricGroup<N>,
  report: (reported: ReportedMetrics) => void,
): Metrics<N> {
  const metrics = new SharedMetrics(group)
  report(metrics.reported)
  return metrics
}

/** One number as it is shown now. */
export interface MetricReading {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** @param nowMs milliseconds since 1970 */
export function readMetrics({ group, values }: ReportedMetrics, nowMs: number): readonly MetricReading[] {
  const numbers = new Float64Array(values)
  return Object.entries(group.metrics).map(([name, { type, help, shownAs }], place) => {
    const value = numbers[place]!
    const shown = shownAs === 'age' ? (value === 0 ? -1 : Math.max(0, nowMs - value)) : value
    return { name: `${group.prefix}${name}`, type, help, labels: group.labels, value: shown }
  })
}

/** The groups of one task, by prefix and labels. */
export class MetricsBoard {
  readonly #groups = new Map<string, ReportedMetrics>()

  get groups(): readonly ReportedMetrics[] {
    return [...this.#groups.values()]
  }

  put(reported: ReportedMetrics): void {
    const { prefix, labels, metrics } = reported.group
    const key = JSON.stringify([prefix, Object.entries(labels), Object.keys(metrics)])
    this.#groups.set(key, reported)
  }

  clear(): void {
    this.#groups.clear()
  }
}
