import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { test, type TestContext } from 'node:test'
import { SessionKeys } from '../../connect/distributed/session-keys.ts'
import { Credentials } from './credentials.ts'
import { digestOfPlain, hashPassword, isPassword } from './password-hash.ts'

/** What `timingSafeEqual` answers from now on, wherever it is asked; and how often it was. */
function comparing(t: TestContext): { answer: boolean; readonly count: () => number } {
  const now = { answer: true, count: () => mock.mock.callCount() }
  const mock = t.mock.method(crypto, 'timingSafeEqual', () => now.answer)
  syncBuiltinESMExports()
  t.after(() => {
    mock.mock.restore()
    syncBuiltinESMExports()
  })
  return now
}

async function isLetIn(credentials: Credentials, authorization: string): Promise<boolean> {
  return credentials.check({ authorization }, '127.0.0.1').then(
    () => true,
    () => false,
  )
}

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`

test('passwords, tokens and signatures are compared in constant time, and by nothing else', async (t) => {
  const hashed = await hashPassword('right')
  const options = {
    keyAlgorithm: 'HmacSHA256',
    keySize: null,
    keyTtlMs: 1000,
    signatureAlgorithm: 'HmacSHA256',
    verificationAlgorithms: ['HmacSHA256'],
  }
  const keys = new SessionKeys(options, () => ({
    key: Buffer.alloc(32),
    algorithm: 'HmacSHA256',
    createdMs: 0,
  }))
  const signature = keys.sign('body')['x-connect-authorization']!
  const ways: readonly (readonly [
    what: string,
    isTaken: (secret: string) => Promise<boolean>,
    right: string,
    wrong: string,
  ])[] = [
    ['a password of scrypt', (given) => isPassword(given, hashed), 'right', 'wrong'],
    ['a password in clear text', (given) => isPassword(given, digestOfPlain('right')), 'right', 'wrong'],
    ['a token', (given) => isLetIn(new Credentials(new Map(), 'right'), `Bearer ${given}`), 'right', 'wrong'],
    [
      'a signature',
      async (given) => {
        try {
          keys.verify({ body: 'body', signature: given, algorithm: 'HmacSHA256' })
          return true
        } catch {
          return false
        }
      },
      signature,
      Buffer.alloc(32).toString('base64'),
    ],
  ]
  for (const [what, isTaken, right, wrong] of ways) {
    assert.deepEqual([await isTaken(right), await isTaken(wrong)], [true, false], what)
  }
  const compared = comparing(t)
  for (const [what, isTaken, right, wrong] of ways) {
    for (const answer of [true, false]) {
      compared.answer = answer
      assert.deepEqual([await isTaken(right), await isTaken(wrong)], [answer, answer], what)
    }
  }
})

test('a user who is unknown takes as long as a wrong password, and gets in with none', async (t) => {
  const credentials = new Credentials(new Map([['ann', await hashPassword('right')]]), null)
  const compared = comparing(t)
  for (const [login, isRight] of [
    ['ann:wrong', false],
    ['bob:right', true],
    [':right', true],
  ] as const) {
    const before = compared.count()
    compared.answer = isRight
    assert.equal(await isLetIn(credentials, basic(login)), false, login)
    assert.equal(compared.count(), before + 1, login)
  }
})
