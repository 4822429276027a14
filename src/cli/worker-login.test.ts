import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { authorizationOf } from './worker-login.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-login-'))
after(() => rmSync(place, { recursive: true, force: true }))
const passwordFile = join(place, 'password')
writeFileSync(passwordFile, 'from a file\n')

const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`
const nobody = async () => null

test('a login comes from a file, the environment or a question, a token as it is', async () => {
  const asked: string[] = []
  const ask = async (question: string) => {
    asked.push(question)
    return 'typed'
  }
  const env = { TAILRACE_PASSWORD: 'from outside' }
  assert.equal(await authorizationOf({}, env, nobody), null)
  assert.equal(await authorizationOf({ token: 't' }, env, nobody), 'Bearer t')
  assert.equal(await authorizationOf({ user: 'ann', passwordFile }, env, nobody), basic('ann:from a file'))
  assert.equal(await authorizationOf({ user: 'ann' }, env, nobody), basic('ann:from outside'))
  assert.equal(await authorizationOf({ user: 'ann' }, {}, ask), basic('ann:typed'))
  assert.deepEqual(asked, ['Password of ann: '])
})

test('what makes no login is one clear error without a secret', async () => {
  const cases: readonly (readonly [Parameters<typeof authorizationOf>[0], RegExp])[] = [
    [{ user: 'ann', token: 't' }, /not both/],
    [{ user: 'ann:secret' }, /^--user is the name alone/],
    [{ user: 'ann' }, /nobody to ask/],
    [{ user: 'ann', passwordFile: join(place, 'none') }, /none \(--password-file\) cannot be read/],
  ]
  for (const [flags, message] of cases) {
    await assert.rejects(authorizationOf(flags, {}, nobody), (error: Error) => {
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /secret/)
      return error.name === 'ConfigError'
    })
  }
})
