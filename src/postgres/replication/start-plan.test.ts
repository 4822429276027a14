import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePostgresOptions } from '../options/postgres-options.ts'
import type { SlotState } from './slot.ts'
import { readSourceOffset } from './source-offset.ts'
import { planStart } from './start-plan.ts'

const slotAt = (confirmedFlushLsn: bigint, isLost = false): SlotState => ({
  confirmedFlushLsn,
  activePid: null,
  isLost,
  lostReason: null,
})
const interrupted = { snapshot: 'INITIAL', lsn: 50n, snapshot_completed: false }
const completed = { snapshot: 'INITIAL', lsn: 50n, snapshot_completed: true }
const streamed = { lsn: 100n, lsn_proc: 100n, lsn_commit: 100n, messageType: 'COMMIT' }
const partly = { lsn: 60n, lsn_proc: 60n, lsn_commit: 100n, messageType: 'INSERT', txId: 7n }

type Expected = 'snapshot' | 'stream' | 'stream-slot' | 'lost'

const cases: readonly [mode: string, offset: object | null, slot: SlotState | null, Expected][] = [
  ['initial', null, null, 'snapshot'],
  ['initial', null, slotAt(40n), 'snapshot'],
  ['initial', interrupted, slotAt(40n), 'snapshot'],
  ['initial', interrupted, null, 'snapshot'],
  ['initial', completed, slotAt(50n), 'stream'],
  ['initial', completed, null, 'lost'],
  ['initial', streamed, slotAt(100n), 'stream'],
  ['initial', streamed, slotAt(90n), 'stream'],
  ['initial', streamed, slotAt(101n), 'lost'],
  ['initial', streamed, slotAt(90n, true), 'lost'],
  ['initial', streamed, null, 'lost'],
  ['initial', partly, slotAt(100n), 'stream'],
  ['initial', partly, slotAt(110n), 'lost'],
  ['initial', { ...streamed, lsn_proc: 2000n }, slotAt(100n), 'lost'],
  ['when_needed', streamed, null, 'snapshot'],
  ['when_needed', streamed, slotAt(100n), 'stream'],
  ['initial_only', completed, null, 'stream'],
  ['no_data', null, null, 'stream-slot'],
  ['no_data', streamed, slotAt(100n), 'stream'],
  ['no_data', streamed, null, 'lost'],
  ['always', streamed, slotAt(100n), 'snapshot'],
  ['configuration_based', null, null, 'stream-slot'],
  ['configuration_based start.stream', streamed, null, 'lost'],
  ['configuration_based', streamed, null, 'stream'],
  ['configuration_based snapshot.data', streamed, slotAt(100n), 'snapshot'],
  ['configuration_based snapshot.on.data.error,start.stream', streamed, null, 'snapshot'],
  ['configuration_based snapshot.on.data.error', streamed, slotAt(100n), 'stream'],
]

test('how a task starts follows from its mode, its offset and the slot', () => {
  for (const [mode, json, slot, expected] of cases) {
    const [name, conditions = 'snapshot.schema'] = mode.split(' ')
    const options = parsePostgresOptions({
      'database.hostname': 'h',
      'database.user': 'u',
      'database.dbname': 'd',
      'topic.prefix': 'p',
      'snapshot.mode': name!,
      ...Object.fromEntries(
        conditions.split(',').map((each) => [`snapshot.mode.configuration.based.${each}`, 'true']),
      ),
    })
    const offset = json === null ? null : readSourceOffset({ ...json })
    const plan = () => planStart(offset, { slot, walLsn: 1000n, forkLsn: null }, options).kind
    const what = `${mode} ${JSON.stringify(json, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))} ${slot?.confirmedFlushLsn}`
    if (expected === 'lost') assert.throws(plan, { code: 'postgres.position-lost' }, what)
    else assert.equal(plan(), expected, what)
  }
})

test('an interrupted snapshot goes on where its slot still is, and what was read is known', () => {
  const resumes = (json: object, slot: SlotState | null, more: object = {}) => {
    const options = parsePostgresOptions({
      'database.hostname': 'h',
      'database.user': 'u',
      'database.dbname': 'd',
      'topic.prefix': 'p',
      ...more,
    })
    const plan = planStart(readSourceOffset({ ...json }), { slot, walLsn: 1000n, forkLsn: null }, options)
    return plan.kind === 'snapshot' ? plan.resume?.progress : plan.kind
  }
  const begun = { ...interrupted, tailrace_snapshot_progress: '7 16384' }
  assert.equal(resumes(begun, slotAt(50n)), '7 16384')
  assert.equal(resumes(begun, slotAt(50n), { 'snapshot.mode': 'always' }), '7 16384')
  assert.equal(resumes(interrupted, slotAt(50n)), undefined)
  assert.equal(resumes(begun, slotAt(51n)), undefined)
  assert.equal(resumes(begun, slotAt(50n, true)), undefined)
  assert.equal(resumes(begun, null), undefined)
  assert.equal(resumes(begun, slotAt(50n), { 'snapshot.resume': 'false' }), undefined)
  assert.equal(resumes(begun, slotAt(50n), { 'snapshot.mode': 'initial_only' }), undefined)
})

test('a slot beyond the offset is refused, unless it is trusted more than the offset', () => {
  const goesOnAt = (strategy: string, slot: SlotState | null) => {
    const options = parsePostgresOptions({
      'database.hostname': 'h',
      'database.user': 'u',
      'database.dbname': 'd',
      'topic.prefix': 'p',
      'offset.mismatch.strategy': strategy,
    })
    const plan = planStart(readSourceOffset({ ...streamed }), { slot, walLsn: 1000n, forkLsn: null }, options)
    return plan.kind === 'stream' ? [plan.offset.lsn, plan.isMoved] : plan.kind
  }
  const lost = { code: 'postgres.position-lost' }
  for (const strategy of ['no_validation', 'trust_offset']) {
    assert.throws(() => goesOnAt(strategy, slotAt(101n)), lost)
    assert.deepEqual(goesOnAt(strategy, slotAt(90n)), [100n, false])
  }
  for (const strategy of ['trust_slot', 'trust_greater_lsn']) {
    assert.deepEqual(goesOnAt(strategy, slotAt(101n)), [101n, true])
    assert.deepEqual(goesOnAt(strategy, slotAt(90n)), [100n, false])
    assert.throws(() => goesOnAt(strategy, slotAt(101n, true)), lost)
    assert.throws(() => goesOnAt(strategy, null), lost)
  }
})

test('a server whose history has not all that was read is refused, whatever its slot says', () => {
  const options = parsePostgresOptions({
    'database.hostname': 'h',
    'database.user': 'u',
    'database.dbname': 'd',
    'topic.prefix': 'p',
  })
  const plan = (forkLsn: bigint) =>
    planStart(readSourceOffset({ ...streamed }), { slot: slotAt(90n), walLsn: 1000n, forkLsn }, options).kind
  assert.throws(() => plan(99n), { code: 'postgres.position-lost' })
  assert.equal(plan(100n), 'stream')
})
