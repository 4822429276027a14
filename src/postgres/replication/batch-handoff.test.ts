import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SourceBatch } from '../../api/source-task.ts'
import { BatchHandoff } from './batch-handoff.ts'

const batch: SourceBatch = { parts: [], partition: {}, offset: {} }

function handoff(): { readonly handoff: BatchHandoff; readonly ready: SourceBatch[] } {
  const ready: SourceBatch[] = []
  return { handoff: new BatchHandoff(() => ready.shift() ?? null), ready }
}

test('a poll that waits is answered when something is offered', async () => {
  const { handoff: gate, ready } = handoff()
  const polled = gate.poll()
  assert.equal(gate.offer(), false)
  ready.push(batch)
  assert.equal(gate.offer(), true)
  assert.equal(await polled, batch)
  ready.push(batch)
  assert.equal(gate.offer(), false)
  assert.equal(await gate.poll(), batch)
})

test('a failure comes after what is there', async () => {
  const { handoff: gate, ready } = handoff()
  ready.push(batch)
  gate.fail(new Error('broken'))
  assert.equal(await gate.poll(), batch)
  await assert.rejects(gate.poll(), /broken/)
})

test('closing answers with nothing, at once and later', async () => {
  const { handoff: gate, ready } = handoff()
  const polled = gate.poll()
  gate.close()
  ready.push(batch)
  assert.equal(await polled, null)
  assert.equal(await gate.poll(), null)
})
