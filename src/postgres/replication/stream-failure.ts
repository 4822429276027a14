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
  if (sqlState(error) === '42704') return publicationMissing(error as Error, options)
  return postgresFailure(error, server, 'Streaming')
}

/** Creating it again does not help: the server looks for it as of the moment of each change. */
export function publicationMissing(error: Error, options: PostgresOptions): ConnectError {
  const { hostname, port, publicationName, slotName } = options
  return new ConnectError(
    'postgres.publication-unusable',
    `Streaming from PostgreSQL at ${hostname}:${port} failed: ${error.message}. Changes from while there was no publication ` +
      `"${publicationName}" cannot be streamed. Drop the replication slot "${slotName}" and let the connector take a new snapshot: ` +
      'set snapshot.mode=when_needed, or stop it, delete its offsets and resume it.',
  )
}
