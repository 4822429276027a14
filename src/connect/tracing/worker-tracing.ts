import type { TaskLogger } from '../../api/source-task.ts'
import { Tracer, type SpanRecord } from './tracer.ts'
import type { TracingSettings } from './tracing-settings.ts'

/** A worker's traces: there only where somebody asked for them. */
export interface WorkerTracing {
  /** Of the main thread. */
  readonly tracer: Tracer
  /** Takes those of task threads. */
  add(span: SpanRecord): void
  close(): Promise<void>
}

export async function openTracing(
  settings: TracingSettings,
  worker: { readonly version: string; readonly logger: TaskLogger },
): Promise<WorkerTracing> {
  const { SpanExport } = await import('./open-telemetry.ts')
  const spans = new SpanExport(settings, worker)
  const add = (span: SpanRecord): void => spans.add(span)
  return { tracer: new Tracer(settings.share, add), add, close: () => spans.close() }
}
