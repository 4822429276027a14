const MAX_NAME_LENGTH = 255
const MAX_NAMESPACE_LENGTH = 100

/**
 * The index of a topic, as the reference names it: lower case, at most 255 characters, without one leading `-` or `_`.
 * Other characters that Elasticsearch forbids are left for it to refuse.
 */
export function indexName(topic: string): string {
  const lower = topic.toLowerCase().slice(0, MAX_NAME_LENGTH)
  const name = lower.startsWith('-') || lower.startsWith('_') ? lower.slice(1) : lower
  if (name === '.') return 'dot'
  if (name === '..') return 'dotdot'
  return name
}

export interface DataStreamName {
  readonly type: string
  readonly dataset: string
  readonly namespace: string
}

/** The data stream of a topic: `type-dataset-namespace`, lower case, the namespace at most 100 characters. */
export function dataStreamName({ type, dataset, namespace }: DataStreamName, topic: string): string {
  const own = namespace.replaceAll('${topic}', topic).slice(0, MAX_NAMESPACE_LENGTH)
  return `${type}-${dataset}-${own}`.toLowerCase()
}
