import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { streamFailure } from './stream-failure.ts'

const options = { hostname: 'db', port: 5432, slotName: 's', publicationName: 'p' } as PostgresOptions

function said(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR' })
}

for (const [what, error, code, isRetriable, message] of [
  ['a stream that the server ended', null, 'postgres.connection-lost', true, /db:5432 ended/],
  ['a publication that is not there', said('42704', 'x'), 'postgres.publication-unusable', false, /slot "s"/],
  [
    "an internal error of the server's decoding",
    said('XX000', 'could not map filenumber'),
    'postgres.decoding-failed',
    true,
    /could not map filenumber.*slot "s".*snapshot\.mode=when_needed/,
  ],
  ['WAL that is corrupted', said('XX001', 'x'), 'postgres.query-failed', false, /SQLSTATE XX001/],
] as const) {
  test(`${what} is ${code}, ${isRetriable ? 'tried again' : 'for an operator'}`, () => {
    const failure = streamFailure(error, options)
    assert.equal(failure.code, code)
    assert.equal(failure.retriable, isRetriable)
    assert.match(failure.message, message)
  })
}
