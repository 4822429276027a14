/** What one look at everything tells. Latencies are of the time since the look before. */
export interface Sample {
  /** Since the work began. */
  readonly atS: number
  /** Of the machine, whoever causes it: the mean of a minute. */
  readonly load: number
  readonly changesPerS: number
  readonly residentMb: number
  readonly descriptors: number
  readonly threads: number
  /** The worker's; 100 is one processor. */
  readonly cpuPercent: number
  /** The worker's data directory. */
  readonly dataMb: number
  /** What retention has left in the topic. */
  readonly keptRecords: number
  /** What PostgreSQL keeps for the slot. */
  readonly retainedWalMb: number
  /** The worker's own word: from a commit until it is in the topic, and from there until it is indexed. */
  readonly toLogP50Ms: number
  readonly toLogP99Ms: number
  readonly toIndexP50Ms: number
  readonly toIndexP99Ms: number
  /** From an UPDATE that is sent until a reader of the index sees it. */
  readonly seenP50Ms: number
  readonly seenP99Ms: number
}

export type Figure = keyof Sample

/** This share of the values, from 0 to 1, is not above the answer. NaN, a look that had nothing to see, does not count. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

/** The sample whose figures are the medians of theirs. */
export function medianSample(samples: readonly Sample[]): Sample {
  return eachFigure(samples, (values) => percentile(values, 0.5))
}

/** The sample whose figures are the highest of theirs. */
export function mostSample(samples: readonly Sample[]): Sample {
  return eachFigure(samples, (values) => percentile(values, 1))
}

function eachFigure(samples: readonly Sample[], combine: (values: number[]) => number): Sample {
  const figures = Object.keys(samples[0]!) as Figure[]
  const combined = figures.map((figure) => [figure, combine(samples.map((sample) => sample[figure]))])
  return Object.fromEntries(combined)
}

/** In three parts of one length: while everything warms up, and then two that are compared. */
export function thirds(samples: readonly Sample[]): readonly [Sample[], Sample[], Sample[]] {
  const [first, second] = [samples.length / 3, (samples.length * 2) / 3].map(Math.round) as [number, number]
  return [samples.slice(0, first), samples.slice(first, second), samples.slice(second)]
}
