import {
  isAllDone,
  isTransientStatus,
  judgeFailure,
  parseBulkResponse,
  type ItemVerdict,
} from './bulk-response.ts'
import type { Answer } from '../client/client.ts'
import {
  describeFailure,
  parseFailureAnswer,
  type ElasticsearchFailure,
} from '../client/elasticsearch-error.ts'

/** What the answer to a bulk request says. */
export type RequestOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'items'; readonly verdicts: readonly ItemVerdict[] }
  /** Nothing is known, or the server is busy: send it again later. */
  | ({ readonly kind: 'retry' } & RetryCause)
  /** One of several items is the reason that all were refused: send fewer. */
  | { readonly kind: 'split' }
  /** No item is to blame: credentials, privileges, a wrong address. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Why a request is sent again. */
export interface RetryCause {
  /** In Elasticsearch's words where it said so: `es_rejected_execution_exception`, `http_503`; else `connection`. */
  readonly cause: string
  readonly reason: string
}

export function judgeAnswer({ status, bytes }: Answer, itemCount: number): RequestOutcome {
  if (status === 200) {
    if (isAllDone(bytes, itemCount)) return { kind: 'done' }
    const verdicts = parseBulkResponse(bytes.toString(), itemCount)
    if (verdicts !== null) return { kind: 'items', verdicts }
    return {
      kind: 'retry',
      cause: 'incomplete_answer',
      reason: 'The answer to the bulk request was incomplete',
    }
  }
  const failure = parseFailureAnswer(status, bytes)
  if (isTransientStatus(status) || status === 408 || status >= 500) {
    return { kind: 'retry', cause: failure.type, reason: describeFailure(failure) }
  }
  if (status === 400 || status === 413) {
    if (itemCount > 1) return { kind: 'split' }
    // Too large by itself: nothing but the document is at fault.
    if (status === 413)
      return { kind: 'items', verdicts: [{ kind: 'malformed', failure: tooLarge(failure) }] }
    return { kind: 'items', verdicts: [judgeFailure('index', status, failure)] }
  }
  return { kind: 'refused', reason: `HTTP status ${status}: ${describeFailure(failure)}` }
}

function tooLarge(failure: ElasticsearchFailure): ElasticsearchFailure {
  return { ...failure, reason: `${failure.reason}: larger than the server takes (http.max_content_length)` }
}
