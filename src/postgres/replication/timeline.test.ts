import assert from 'node:assert/strict'
import { it } from 'node:test'
import { forkLsn } from './timeline.ts'

it('a history tells where each timeline was left', () => {
  const history =
    '# why\n1\t0/3000148\tno recovery target specified\n\n2\t1/0\tno recovery target specified\n'
  assert.equal(forkLsn(1, history), 0x3000148n)
  assert.equal(forkLsn(2, history), 1n << 32n)
  assert.equal(forkLsn(7, history), 0n)
})
