import { ConnectError, RetriableError } from '../../api/errors.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { postgresFailure, sqlState } from '../wire/failure.ts'

/** Why a stream that ran has ended, as an error of tailrace's own. */
export function streamFailure(error: unknown, options: PostgresOptions): ConnectError {
  const server = `${options.hostname}:${options.port}`
  if (error === null) {
    return new RetriableError(
      'postgres.connection-lost',
      `PostgreSQL at ${server} ended the replication connection: it shuts down, or its wal_sender_timeout went by.`,
    )
  }
  // undefined_object: pgoutput looks its publications up with the first change that it decodes.
  if (sqlState(error) === '42704') {
    return new ConnectError(
      'postgres.publication-unusable',
      `Streaming from PostgreSQL at ${server} failed: ${(error as Error).message}. Restart the connector to have the publication ` +
        `"${options.publicationName}" created; with publication.autocreate.mode=disabled create it first.`,
    )
  }
  return postgresFailure(error, server, 'Streaming')
}
