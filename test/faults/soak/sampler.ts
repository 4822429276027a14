import { loadavg } from 'node:os'
import type { PostgresServer } from '../../servers/postgres.ts'
import type { WorkerProcess } from '../../servers/worker.ts'
import { histogramOf, metricSum, percentileBetween, type Histogram } from './metrics-text.ts'
import type { Probe } from './probe.ts'
import { percentile, type Sample } from './sample.ts'
import type { SoakTable } from './soak-table.ts'
import { directoryBytes, openDescriptors, threadsOf } from './worker-figures.ts'

export interface Watched {
  readonly postgres: PostgresServer
  readonly worker: WorkerProcess
  readonly table: SoakTable
  readonly probe: Probe
  readonly topic: string
}

/** What a look sees that only counts up. */
interface Counters {
  readonly atMs: number
  readonly changes: number
  readonly cpuSeconds: number
  readonly toLog: Histogram
  readonly toIndex: Histogram
}

/** Looks at everything, again and again. */
export class Sampler {
  readonly #watched: Watched
  readonly #startMs: number
  #before: Counters

  private constructor(watched: Watched, before: Counters) {
    this.#watched = watched
    this.#before = before
    this.#startMs = before.atMs
  }

  /** The time of the first look begins now. */
  static async begin(watched: Watched): Promise<Sampler> {
    const counters = countersOf(watched, await metricsOf(watched.worker))
    watched.probe.take()
    return new Sampler(watched, counters)
  }

  /** Throws when the worker has ended or one of its tasks does not run, or did not all the time. */
  async look(): Promise<Sample> {
    const { postgres, worker, probe, topic } = this.#watched
    if (worker.hasEnded) throw new Error(`The worker ended: ${worker.output.slice(-2000)}`)
    const metrics = await metricsOf(worker)
    if (
      metricSum(metrics, 'tailrace_task_restarts_total') + metricSum(metrics, 'tailrace_connector_problem') >
      0
    )
      // prettier-ignore
      throw new Error(`A task does not run as it should: ${worker.output.slice(-2000)}`)
    const before = this.#before
    const after = (this.#before = countersOf(this.#watched, metrics))
    const seconds = (after.atMs - before.atMs) / 1000
    const seenMs = probe.take()
    const between = (of: 'toLog' | 'toIndex', share: number): number =>
      rounded(1000 * percentileBetween(before[of], after[of], share))
    return {
      atS: Math.round((after.atMs - this.#startMs) / 1000),
      load: rounded(loadavg()[0]!),
      changesPerS: Math.round((after.changes - before.changes) / seconds),
      residentMb: worker.residentMegabytes('VmRSS'),
      descriptors: openDescriptors(worker.pid),
      threads: threadsOf(worker.pid),
      cpuPercent: Math.round((100 * (after.cpuSeconds - before.cpuSeconds)) / seconds),
      dataMb: rounded(directoryBytes(worker.dataDir) / 1e6),
      keptRecords: await worker.records(topic),
      retainedWalMb: rounded((await retainedWalBytes(postgres)) / 1e6),
      toLogP50Ms: between('toLog', 0.5),
      toLogP99Ms: between('toLog', 0.99),
      toIndexP50Ms: between('toIndex', 0.5),
      toIndexP99Ms: between('toIndex', 0.99),
      seenP50Ms: rounded(percentile(seenMs, 0.5)),
      seenP99Ms: rounded(percentile(seenMs, 0.99)),
    }
  }
}

function countersOf({ table }: Watched, metrics: string): Counters {
  return {
    atMs: performance.now(),
    changes: table.changes,
    cpuSeconds: metricSum(metrics, 'process_cpu_seconds_total'),
    toLog: histogramOf(metrics, 'tailrace_postgres_commit_to_log_seconds'),
    toIndex: histogramOf(metrics, 'tailrace_elasticsearch_indexed_delay_seconds'),
  }
}

async function metricsOf(worker: WorkerProcess): Promise<string> {
  return (await fetch(`${worker.url}/metrics`)).text()
}

async function retainedWalBytes(postgres: PostgresServer): Promise<number> {
  const [row] = await postgres.query(
    'select pg_wal_lsn_diff(pg_current_wal_lsn(), min(restart_lsn))::float8 as bytes from pg_replication_slots',
    'postgres',
    'sampler',
  )
  return row!['bytes'] as number
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
