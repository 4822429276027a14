import type { JsonValue } from '../../api/record.ts'
import { stringifyJson } from '../../api/json/json-text.ts'
import { withShutdown } from '../with-shutdown.ts'
import { appearance } from './appearance.ts'
import { needsAttention, type ConnectorReport } from './connector-report.ts'
import { statusLines } from './status-text.ts'
import { workerEvents } from './worker-events.ts'
import { WorkerState } from './worker-state.ts'

export interface StatusFlags {
  readonly url: string
  readonly json?: true
}

/** Seconds that a worker gets to find out how far its sinks are behind: its brokers may be slow. */
const MOST_SAMPLES = 6
/** Of an error; the whole of it is in `--json`. */
const MOST_LINES = 10

/** `tailrace status`: exit status 0 when all is well, 1 where something needs attention, 2 where nobody can say. */
export async function showStatus(names: readonly string[], { url, json }: StatusFlags): Promise<void> {
  process.exitCode = 2
  await withShutdown(async (signal) => {
    const state = new WorkerState()
    for await (const event of workerEvents(url, signal)) {
      state.take(event)
      if (event.name === 'connectors') state.requireConnectors(names)
      if (state.isMeasured || state.samples >= MOST_SAMPLES) break
    }
    const reports = state.reports(names)
    console.log(
      json === true ? jsonText(url, state, reports) : statusLines(reports, appearance(MOST_LINES)).join('\n'),
    )
    process.exitCode = reports.some(needsAttention) ? 1 : 0
  })
}

function jsonText(
  url: string,
  { version, kafkaClusterId, memoryBytes }: WorkerState,
  connectors: readonly ConnectorReport[],
): string {
  const worker = { url, version, kafka_cluster_id: kafkaClusterId, memory_bytes: memoryBytes }
  return stringifyJson({ worker, connectors } as unknown as JsonValue)
}
