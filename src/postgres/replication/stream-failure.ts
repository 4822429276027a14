import { ConnectError, RetriableError } from '../../api/errors.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { postgresFailure, sqlState } from '../wire/failure.ts'
import type { ServerError } from '../wire/server-error.ts'

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
  if (sqlState(error) === 'XX000') return decodingFailed(error as Error, options)
  return postgresFailure(error, server, 'Streaming')
}

/** Some lookups in the catalog fail beside DDL and pass; a slot that was made while tables were altered may stay broken. */
function decodingFailed(error: Error, options: PostgresOptions): RetriableError {
  const { hostname, port, slotName } = options
  return new RetriableError(
    'postgres.decoding-failed',
    `PostgreSQL at ${hostname}:${port} could not decode its WAL: ${error.message}. If that stays, the replication slot "${slotName}" is of no use ` +
      'any more: drop it and let the connector take a new snapshot, with snapshot.mode=when_needed, while no table is altered.',
    { cause: error },
  )
}

/** With the same SQLSTATE a server warns that it waits for a standby of `synchronized_standby_slots`: nothing is left out then. */
export function saysPublicationMissing({ severity, code, routine }: ServerError): boolean {
  return severity === 'WARNING' && code === '55000' && routine !== 'StandbySlotsHaveCaughtup'
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
