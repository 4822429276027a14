import { errorCodes, type ErrorCode } from '../../api/error-codes.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { TaskDetails } from '../herder.ts'

/**
 * The field of a record of the status topic that tells what only the worker knows that has a task: Kafka Connect's
 * workers pass it over. Not there where there is nothing to tell.
 */
export function detailsField(details: TaskDetails): { readonly tailrace?: JsonObject } {
  const { waitsFor, restarts, failure } = details
  const fields = {
    ...(waitsFor === undefined ? {} : { waits_for: waitsFor }),
    ...(restarts === undefined
      ? {}
      : {
          restarts: {
            count: restarts.count,
            reason: restarts.reason,
            last_failure_at: restarts.lastFailureAt,
          },
        }),
    ...(failure === undefined
      ? {}
      : { failure: { code: failure.code, origin: originField(failure.origin) } }),
  }
  return Object.keys(fields).length === 0 ? {} : { tailrace: fields }
}

/** What cannot be read is as if it were not there: it is no more than an addition. */
export function detailsOf(field: JsonValue | undefined): TaskDetails {
  const { waits_for: waitsFor, restarts, failure } = objectOf(field)
  const { count, reason, last_failure_at: lastFailureAt } = objectOf(restarts)
  const { code, origin } = objectOf(failure)
  const isRestarted =
    typeof count === 'number' && typeof reason === 'string' && typeof lastFailureAt === 'number'
  return {
    ...(typeof waitsFor === 'string' ? { waitsFor } : {}),
    ...(isRestarted ? { restarts: { count, reason, lastFailureAt } } : {}),
    ...(failure == null
      ? {}
      : {
          failure: { code: isErrorCode(code) ? code : null, origin: originOf(origin) },
        }),
  }
}

type Origin = NonNullable<TaskDetails['failure']>['origin']

function originField(origin: Origin): JsonValue {
  return origin === null ? null : { ...origin, offset: origin.offset }
}

function originOf(field: JsonValue | undefined): Origin {
  const { topic, partition, offset } = objectOf(field)
  const isPlace = typeof offset === 'number' || typeof offset === 'bigint'
  if (typeof topic !== 'string' || typeof partition !== 'number' || !isPlace) return null
  return { topic, partition, offset: BigInt(offset) }
}

/** A newer worker may know more of them. */
function isErrorCode(value: JsonValue | undefined): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}
