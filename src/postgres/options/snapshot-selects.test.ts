import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIdentity, replicaIdentities } from './replica-identities.ts'
import { snapshotSelectIssues, snapshotSelects } from './snapshot-selects.ts'

const NAME = 'snapshot.select.statement.overrides'

test('statements of the snapshot belong to the tables that are listed', () => {
  const config = {
    [NAME]: 'public.t, public.u',
    [`${NAME}.public.t`]: ' select 1; ',
    [`${NAME}.public.v`]: 'x',
  }
  assert.deepEqual(
    [...snapshotSelects(config)],
    [['public.t', { statement: 'select 1', option: `${NAME}.public.t` }]],
  )
  assert.deepEqual(
    snapshotSelectIssues(config).map(({ message }) => message),
    [
      `The '${NAME}.public.u' value is invalid: A value is required`,
      `The '${NAME}.public.v' value is invalid: The table is not named in ${NAME}`,
    ],
  )
  assert.deepEqual(snapshotSelectIssues({}), [])
})

test('replica identities are found by the first entry that names the table', () => {
  const identity = replicaIdentities(String.raw`public\.a.*:FULL,public.b:index b_key, .*:default`)
  assert.equal(identity('public', 'ab')?.clause, 'FULL')
  assert.deepEqual(identity('public', 'b'), { kind: 'i', index: 'b_key', clause: 'USING INDEX "b_key"' })
  assert.equal(identity('other', 'b')?.kind, 'd')
  assert.equal(replicaIdentities('')('public', 'a'), null)
  assert.ok(!isIdentity('public.b:SOME'))
  assert.ok(isIdentity('public.a:NOTHING'))
})
