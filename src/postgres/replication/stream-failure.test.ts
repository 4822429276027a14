import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { ServerError } from '../wire/server-error.ts'
import { saysPublicationMissing, streamFailure } from './stream-failure.ts'

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

test('a server that waits for a standby says nothing of the publication', () => {
  const warning = (routine: string, code = '55000', severity = 'WARNING') =>
    new ServerError(new Map(Object.entries({ V: severity, C: code, M: 'x', R: routine })))
  assert.equal(saysPublicationMissing(warning('LoadPublications')), true)
  assert.equal(saysPublicationMissing(warning('StandbySlotsHaveCaughtup')), false)
  assert.equal(saysPublicationMissing(warning('LoadPublications', '01000')), false)
  assert.equal(saysPublicationMissing(warning('LoadPublications', '55000', 'NOTICE')), false)
})
