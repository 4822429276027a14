import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../api/errors.ts'
import { hidingLogger } from './hiding-logger.ts'
import { SecretValues } from './secret-values.ts'

test('a hiding logger writes no secret, neither in fields nor in errors and their causes', () => {
  const written: object[] = []
  const write = (fields: object): void => void written.push(fields)
  const logger = hidingLogger(
    { debug: write, info: write, warn: write, error: write },
    SecretValues.ofValues(['hunter2']),
  )
  const cause = new Error('login hunter2 failed')
  const err = new ConfigError('connect.config-invalid', 'bad hunter2', { cause })
  logger.error({ err, nested: { list: ['x hunter2'], size: 5n } }, 'Failed')
  const [fields] = written as [{ err: Error; nested: { list: string[]; size: bigint } }]
  assert.ok(fields.err instanceof Error)
  assert.deepEqual(
    [fields.err.name, fields.err.message, (fields.err.cause as Error).message],
    ['ConfigError', 'bad [hidden]', 'login [hidden] failed'],
  )
  assert.doesNotMatch(fields.err.stack!, /hunter2/)
  assert.deepEqual(fields.nested, { list: ['x [hidden]'], size: 5n })
})
