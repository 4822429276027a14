import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmurIntegerHash, murmurTextHash } from './murmur-hash.ts'

/** What the reference's own hash answers. */
const HASHES: readonly (readonly [value: string | number, hash: number])[] = [
  ['products', -1448258745],
  ['', 89125410],
  ['é日本😀', 1036284812],
  ['0123456789abcdefg', -1536414354],
  ['exactly sixteen!', 1730584652],
  [5, -837177610],
  [-5, 1960881932],
  [1231, -1891831265],
]

for (const [value, hash] of HASHES) {
  test(`the hash of ${JSON.stringify(value)} is the reference's`, () => {
    assert.equal(typeof value === 'string' ? murmurTextHash(value) : murmurIntegerHash(value), hash)
  })
}
