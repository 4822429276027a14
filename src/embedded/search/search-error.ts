import type { JsonObject } from './json/json-object.ts'

/** `type`, `reason` and whatever else Elasticsearch says about one failure. */
export interface FailureDetails {
  readonly [key: string]: unknown
  readonly caused_by?: JsonObject
}

/** A refusal in Elasticsearch's words: answered as `{"error": {...}, "status": N}`, or put into the item of a bulk. */
export class SearchError extends Error {
  readonly status: number
  readonly type: string
  readonly details: FailureDetails
  /** Stands in `root_cause`; the error itself where it is not given. */
  readonly #root: SearchError | undefined

  constructor(
    status: number,
    type: string,
    reason: string,
    details: FailureDetails = {},
    root?: SearchError,
  ) {
    super(reason)
    this.name = new.target.name
    this.status = status
    this.type = type
    this.details = details
    this.#root = root
  }

  /** The failure itself, as it stands in an item of a bulk. */
  describe(): JsonObject {
    return { type: this.type, reason: this.message, ...this.details }
  }

  /** The whole answer. */
  body(): JsonObject {
    const root = this.#root ?? this
    const { caused_by: _cause, ...rootDetails } = root.details
    const rootCause = { type: root.type, reason: root.message, ...rootDetails }
    return { error: { root_cause: [rootCause], ...this.describe() }, status: this.status }
  }
}

/** The few answers that are a sentence instead of an object. */
export class PlainError extends SearchError {
  readonly headers: Readonly<Record<string, string>>
  readonly #withStatus: boolean

  constructor(
    status: number,
    reason: string,
    options: { withStatus?: boolean; headers?: Record<string, string> } = {},
  ) {
    super(status, 'status_exception', reason)
    this.headers = options.headers ?? {}
    this.#withStatus = options.withStatus ?? true
  }

  override body(): JsonObject {
    return this.#withStatus ? { error: this.message, status: this.status } : { error: this.message }
  }
}

export function illegalArgument(reason: string, cause?: JsonObject): SearchError {
  return new SearchError(
    400,
    'illegal_argument_exception',
    reason,
    cause === undefined ? {} : { caused_by: cause },
  )
}

/** Several complaints about one request, numbered as Elasticsearch numbers them. */
export function validationFailed(...reasons: readonly string[]): SearchError {
  const numbered = reasons.map((reason, index) => `${index + 1}: ${reason};`).join('')
  return new SearchError(400, 'action_request_validation_exception', `Validation Failed: ${numbered}`)
}

export function parsingException(reason: string, cause?: JsonObject): SearchError {
  return new SearchError(400, 'parsing_exception', reason, cause === undefined ? {} : { caused_by: cause })
}

export function indexNotFound(name: string): SearchError {
  return new SearchError(404, 'index_not_found_exception', `no such index [${name}]`, {
    'resource.type': 'index_or_alias',
    'resource.id': name,
    index_uuid: '_na_',
    index: name,
  })
}
