import type { MetricDefinition, MetricGroup, Metrics } from '../api/metrics.ts'

/** What crosses from the task's thread to the herder's, once for each group: the numbers stay in shared memory. */
export interface ReportedMetrics {
  readonly group: MetricGroup<string>
  readonly values: SharedArrayBuffer
}

/**
 * The numbers of one group, in memory that the task's thread and the main thread share. One writer, the task. A histogram
 * has its sum, then the count of each of its buckets, and of what is above the last.
 */
export class SharedMetrics<N extends string> implements Metrics<N> {
  readonly reported: ReportedMetrics
  readonly #places: ReadonlyMap<N, number>
  readonly #values: Float64Array
  readonly #group: MetricGroup<N>

  constructor(group: MetricGroup<N>) {
    const { places, length } = placesOf(group)
    const values = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT)
    this.reported = { group, values }
    this.#group = group
    this.#places = places
    this.#values = new Float64Array(values)
  }

  set(name: N, value: number): void {
    this.#values[this.#places.get(name)!] = value
  }

  add(name: N, count = 1): void {
    this.#values[this.#places.get(name)!]! += count
  }

  observe(name: N, value: number, count = 1): void {
    const place = this.#places.get(name)!
    const { buckets = [] } = this.#group.metrics[name]
    let bucket = 0
    while (bucket < buckets.length && value > buckets[bucket]!) bucket++
    this.#values[place]! += value * count
    this.#values[place + 1 + bucket]! += count
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
  readonly type: MetricDefinition['type']
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
  /** Of a histogram, how many values it has. */
  readonly value: number
  readonly histogram?: {
    readonly sum: number
    /** How many values are not above each bound. */
    readonly upTo: readonly { readonly bound: number; readonly count: number }[]
  }
}

/** @param nowMs milliseconds since 1970 */
export function readMetrics({ group, values }: ReportedMetrics, nowMs: number): readonly MetricReading[] {
  const numbers = new Float64Array(values)
  const { places } = placesOf(group)
  return Object.entries(group.metrics).map(([name, definition]) => {
    const { type, help } = definition
    const reading = { name: `${group.prefix}${name}`, type, help, labels: group.labels }
    const place = places.get(name)!
    if (type === 'histogram') return { ...reading, ...readHistogram(definition, numbers.subarray(place)) }
    const value = numbers[place]!
    const age = value === 0 ? -1 : Math.max(0, nowMs - value)
    return { ...reading, value: definition.shownAs === 'age' ? age : value }
  })
}

function readHistogram(
  { buckets = [] }: MetricDefinition,
  numbers: Float64Array,
): Pick<MetricReading, 'value'> & Required<Pick<MetricReading, 'histogram'>> {
  let count = 0
  const upTo = buckets.map((bound, bucket) => ({ bound, count: (count += numbers[1 + bucket]!) }))
  return { value: count + numbers[1 + buckets.length]!, histogram: { sum: numbers[0]!, upTo } }
}

/** Where the numbers of each metric begin. */
function placesOf<N extends string>({
  metrics,
}: MetricGroup<N>): {
  readonly places: ReadonlyMap<N, number>
  readonly length: number
} {
  const places = new Map<N, number>()
  let length = 0
  for (const [name, { type, buckets = [] }] of Object.entries(metrics) as [N, MetricDefinition][]) {
    places.set(name, length)
    length += type === 'histogram' ? 2 + buckets.length : 1
  }
  return { places, length }
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
