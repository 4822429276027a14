import type { ReportedSpan, SpanContext, TaskTracing } from '../../api/tracing.ts'
import type { TaskId } from '../herder.ts'
import { taskAttributes } from './task-attributes.ts'
import { nowMs, type Tracer } from './tracer.ts'

/** What a task sees of tracing: what it reports names the task. */
export class RunTracing implements TaskTracing {
  current: SpanContext | null = null
  protected readonly tracer: Tracer
  protected readonly id: TaskId

  constructor(tracer: Tracer, id: TaskId) {
    this.tracer = tracer
    this.id = id
  }

  nowMs(): number {
    return nowMs()
  }

  begin(parent: SpanContext | null): SpanContext | null {
    return this.tracer.begin(parent)
  }

  end(context: SpanContext, span: ReportedSpan): void {
    this.tracer.end(context, this.#ofTask(span))
  }

  report(span: ReportedSpan): void {
    this.tracer.report(this.#ofTask(span))
  }

  #ofTask(span: ReportedSpan): ReportedSpan {
    return { ...span, attributes: { ...taskAttributes(this.id), ...span.attributes } }
  }
}
