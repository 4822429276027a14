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

  report(span: ReportedSpan): void {
    this.tracer.report({ ...span, attributes: { ...taskAttributes(this.id), ...span.attributes } })
  }
}
