import { encodeHeaders } from '../../api/record-batch.ts'
import type { EncodedHeader } from '../../api/record-batch.ts'
import type { CompileResult, HeaderTemplate, RecordTemplate } from '../../api/template.ts'
import type { RecordConverters } from '../task/record-converters.ts'
import type { TopicCreation } from './topic-creation.ts'
import type { TransformationChain } from '../task/transformation-chain.ts'

const GENERAL = { kind: 'general' } as const

/**
 * Sends a template the way its records would go: transformations, converters, topic. `general` wherever one of them must
 * see the record itself - then the records take the other path, which gives the same bytes.
 */
export async function compileTemplate(
  template: RecordTemplate,
  {
    chain,
    converters,
    topics,
  }: { chain: TransformationChain; converters: RecordConverters; topics: Pick<TopicCreation, 'partitions'> },
): Promise<CompileResult> {
  const transformed = await chain.compile(template)
  if (transformed === null) return GENERAL
  if (transformed === 'dropped') return { kind: 'dropped' }
  const { topic, key, value } = transformed
  const keyRendering = key === null ? null : (converters.key.compile?.(topic, key) ?? GENERAL)
  const valueRendering = value === null ? null : (converters.value.compile?.(topic, value) ?? GENERAL)
  if (keyRendering?.kind === 'general' || valueRendering?.kind === 'general') return GENERAL
  const headers = encodeConstantHeaders(topic, transformed.headers, converters)
  if (headers === null) return GENERAL
  const partitions = await topics.partitions(topic)
  return { kind: 'compiled', topic, partitions, key: keyRendering, value: valueRendering, headers }
}

/** The header block, or null where a header depends on the row. */
function encodeConstantHeaders(
  topic: string,
  headers: readonly HeaderTemplate[],
  { header: converter }: RecordConverters,
): Uint8Array | null {
  const encoded: EncodedHeader[] = []
  for (const { name, value } of headers) {
    if (value.kind !== 'constant') return null
    const header = { name, schema: value.schema, value: value.value }
    encoded.push({ name, value: converter.fromConnectHeader(topic, header) })
  }
  return encodeHeaders(encoded)
}
