/** What Elasticsearch says of a failure, in a bulk item or a whole answer. */
export interface ElasticsearchFailure {
  readonly type: string
  readonly reason: string
  readonly causedBy: ElasticsearchFailure | null
}

/** Reads the `error` of an answer or item, which is an object, rarely a text. */
export function parseFailure(error: unknown): ElasticsearchFailure {
  if (typeof error === 'string') return { type: 'unknown', reason: error, causedBy: null }
  if (typeof error !== 'object' || error === null)
    return { type: 'unknown', reason: 'no reason given', causedBy: null }
  const { type, reason, caused_by: causedBy } = error as Record<string, unknown>
  return {
    type: typeof type === 'string' ? type : 'unknown',
    reason: typeof reason === 'string' ? reason : 'no reason given',
    causedBy: typeof causedBy === 'object' && causedBy !== null ? parseFailure(causedBy) : null,
  }
}

/** Reads the failure out of a whole answer that is no success. */
export function parseFailureAnswer(status: number, bytes: Buffer): ElasticsearchFailure {
  try {
    const { error } = JSON.parse(bytes.toString()) as { error?: unknown }
    if (error !== undefined) return parseFailure(error)
  } catch {
    // A proxy's page, or nothing at all: the status has to do.
  }
  return { type: `http_${status}`, reason: `HTTP status ${status}`, causedBy: null }
}

/** The failure and its causes, from the outside in. */
export function* failureChain(failure: ElasticsearchFailure): Generator<ElasticsearchFailure> {
  for (let at: ElasticsearchFailure | null = failure; at !== null; at = at.causedBy) yield at
}

/** The text by which the reference knows a failure; dead letter headers carry it. */
export function describeFailure(failure: ElasticsearchFailure): string {
  const parts = [...failureChain(failure)].map(
    ({ type, reason }) => `ElasticsearchException[Elasticsearch exception [type=${type}, reason=${reason}]]`,
  )
  return parts.length === 1 ? parts[0]! : `${parts.join('; nested: ')};`
}
