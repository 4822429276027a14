import { randomUUID } from 'node:crypto'
import { primitiveSchema } from '../../api/schema.ts'
import type { SourceTaskContext } from '../../api/source-task.ts'
import type { HeaderTemplate } from '../../api/template.ts'
import type { EnvelopeOptions } from './envelope-options.ts'

const TEXT = primitiveSchema('string')

/** One id for each run of a task. A context lives exactly as long as a run. */
const runIds = new WeakMap<SourceTaskContext, string>()

/** The headers by which a reader can tell which task wrote a record, or none where they are turned off. */
export function contextHeaders(
  options: EnvelopeOptions,
  context: SourceTaskContext,
): readonly HeaderTemplate[] {
  if (!options.extendedHeadersEnabled) return []
  let runId = runIds.get(context)
  if (runId === undefined) {
    runId = randomUUID()
    runIds.set(context, runId)
  }
  const entries = {
    connectorLogicalName: options.topicPrefix,
    taskId: String(context.taskId),
    connectorName: 'postgresql',
    runId,
  }
  return Object.entries(entries).map(([name, value]) => ({
    name: `__debezium.context.${name}`,
    value: { kind: 'constant', schema: TEXT, value },
  }))
}
