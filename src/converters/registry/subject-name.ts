import { DataError } from '../../api/errors.ts'
import { SUBJECT_NAME_STRATEGIES } from './registry-options.ts'

/** Under which subject a schema is registered. Throws `DataError`: the strategy needs a record, and it is none. */
export function subjectName(
  strategy: string,
  topic: string,
  { role, recordName }: { readonly role: 'key' | 'value'; readonly recordName: string | null },
): string {
  if (strategy === SUBJECT_NAME_STRATEGIES.topic) return `${topic}-${role}`
  if (recordName === null) {
    throw new DataError(
      'connect.data-invalid',
      `In configuration ${role}.subject.name.strategy = ${strategy}, the message ${role} must only be a record schema`,
    )
  }
  return strategy === SUBJECT_NAME_STRATEGIES.record ? recordName : `${topic}-${recordName}`
}
