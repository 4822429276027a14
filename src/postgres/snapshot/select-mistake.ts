import { ConfigError } from '../../api/errors.ts'
import { sqlState } from '../wire/failure.ts'
import type { TableCopy } from './table-copy.ts'

/** Classes of SQLSTATEs that the statement itself has caused: values of the wrong kind; names and grammar. */
const MISTAKES = /^(22|42)/
const INSUFFICIENT_PRIVILEGE = '42501'

/** Why the same statement would fail the same way again; null where that is not known, or no option to change. */
export function selectMistake(
  error: unknown,
  { relation, select }: Pick<TableCopy, 'relation' | 'select'>,
): ConfigError | null {
  const state = sqlState(error)
  if (!select?.option || state === null || state === INSUFFICIENT_PRIVILEGE || !MISTAKES.test(state))
    return null
  const columns = relation.columns.map(({ name }) => name).join(', ')
  return new ConfigError(
    'postgres.query-failed',
    `The statement of ${select.option} cannot be used: ${(error as Error).message} (SQLSTATE ${state}). ` +
      `It must give all columns of the table, by their names and with values of their types: ${columns}.`,
  )
}
