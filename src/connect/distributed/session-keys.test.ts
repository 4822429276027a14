import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasCode } from '../../log/contract/contract-log.ts'
import type { SessionKey } from './config-records.ts'
import { SessionKeys, type SessionKeyOptions } from './session-keys.ts'

const options: SessionKeyOptions = {
  keyAlgorithm: 'HmacSHA256',
  keySize: null,
  keyTtlMs: 1000,
  signatureAlgorithm: 'HmacSHA256',
  verificationAlgorithms: ['HmacSHA256'],
}
const key: SessionKey = { key: Buffer.alloc(32, 'k'), algorithm: 'HmacSHA256', createdMs: 5000 }

function keysWith(current: SessionKey | null, more: Partial<SessionKeyOptions> = {}): SessionKeys {
  return new SessionKeys({ ...options, ...more }, () => current)
}

describe('session keys', () => {
  test('sign as RFC 4231 has it, and take what they signed', () => {
    const known = keysWith({ ...key, key: Buffer.from('Jefe') })
    const body = 'what do ya want for nothing?'
    const signed = known.sign(body)
    assert.deepEqual(signed, {
      'x-connect-authorization': Buffer.from(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
        'hex',
      ).toString('base64'),
      'x-connect-request-signature-algorithm': 'HmacSHA256',
    })
    known.verify({ body, signature: signed['x-connect-authorization'], algorithm: 'HmacSHA256' })
  })

  test('refuse what is not signed, not with the key, or otherwise than allowed', () => {
    const known = keysWith(key)
    const { 'x-connect-authorization': signature } = known.sign('body')
    const algorithm = 'HmacSHA256'
    for (const [request, code] of [
      [{ body: 'body', signature: undefined, algorithm }, 'connect.request-unsigned'],
      [{ body: 'body', signature, algorithm: undefined }, 'connect.request-unsigned'],
      [{ body: 'body', signature, algorithm: 'HmacSHA1' }, 'connect.request-unsigned'],
      [{ body: 'other', signature, algorithm }, 'connect.signature-invalid'],
      [{ body: 'body', signature: 'AAAA', algorithm }, 'connect.signature-invalid'],
    ] as const) {
      assert.throws(() => known.verify(request), hasCode(code))
    }
    assert.throws(
      () => keysWith(null).verify({ body: 'body', signature, algorithm }),
      hasCode('connect.session-key-missing'),
    )
  })

  test('are due when there is none, when its time is over, and when it is not what the worker wants', () => {
    assert.equal(keysWith(null).dueMs, 0)
    assert.equal(keysWith(key).dueMs, 6000)
    assert.equal(keysWith(key, { keyTtlMs: 0 }).dueMs, Infinity)
    assert.equal(keysWith(key, { keyAlgorithm: 'HmacSHA512' }).dueMs, 0)
    assert.equal(keysWith(key, { keySize: 512 }).dueMs, 0)
  })

  test('are made as long as asked, and never the same twice', () => {
    const [one, two] = [keysWith(null).create(1), keysWith(null).create(1)]
    assert.equal(one.key.length, 32)
    assert.notDeepEqual(one.key, two.key)
    assert.equal(keysWith(null, { keySize: 128 }).create(1).key.length, 16)
  })
})
