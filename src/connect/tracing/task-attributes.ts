import type { SpanAttributes } from '../../api/tracing.ts'
import type { TaskId } from '../herder.ts'

export function taskAttributes({ connector, task }: TaskId): SpanAttributes {
  return { 'tailrace.connector': connector, 'tailrace.task': task }
}
