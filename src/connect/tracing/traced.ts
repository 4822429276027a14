import type { SpanAttributes } from '../../api/tracing.ts'
import { nowMs, type Tracer } from './tracer.ts'

/** Runs `work`, and tells of it where somebody looks at traces. What failed, not why: an error may hold secrets. */
export async function traced<T>(
  tracer: Tracer | null,
  { name, attributes }: { readonly name: string; readonly attributes: SpanAttributes },
  work: () => Promise<T>,
): Promise<T> {
  if (tracer === null) return work()
  const startMs = nowMs()
  let error: string | null = 'failed'
  try {
    const result = await work()
    error = null
    return result
  } finally {
    tracer.report({ name, parent: null, startMs, endMs: nowMs(), attributes, error })
  }
}
