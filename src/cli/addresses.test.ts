import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { postgresAddress, searchAddress, workerAddress } from './addresses.ts'

describe('addresses of the command line', () => {
  const good: readonly (readonly [(text: string) => string, string])[] = [
    [postgresAddress, 'postgres://me:secret@db:5432'],
    [postgresAddress, 'postgresql://me@db/other?sslmode=require'],
    [searchAddress, 'http://localhost:9200'],
    [searchAddress, 'https://me:secret@search.example/behind/a/proxy'],
    [workerAddress, 'http://127.0.0.1:8083'],
    [workerAddress, 'https://connect.example/'],
  ]
  for (const [parse, text] of good) {
    test(`${parse.name} takes ${text}`, () => assert.equal(parse(text), text))
  }

  const bad: readonly (readonly [(text: string) => string, string])[] = [
    [postgresAddress, ''],
    [postgresAddress, 'me:secret@db'],
    [postgresAddress, 'mysql://me:secret@db'],
    [postgresAddress, 'postgres://db:5432'],
    [postgresAddress, 'postgres:me'],
    [searchAddress, 'localhost:9200'],
    [searchAddress, 'ftp://me:secret@db'],
    [workerAddress, 'x'],
    [workerAddress, 'http://me:secret@db'],
  ]
  for (const [parse, text] of bad) {
    test(`${parse.name} refuses '${text}' without repeating it`, () => {
      assert.throws(
        () => parse(text),
        (error: Error & { code?: string }) =>
          error.code === 'cli.address-invalid' &&
          / must be \w+:\/\//.test(error.message) &&
          !error.message.includes('secret'),
      )
    })
  }
})
