import assert from 'node:assert/strict'
import { it } from 'node:test'
import { WalGuard } from './wal-guard.ts'

it('warns once when the limit is passed, and again when it has doubled or was fine in between', () => {
  const guard = new WalGuard({ warnBytes: 100, maxBytes: 0 })
  const judged = [50, 101, 150, 203, 300, 90, 101, 70, 101].map((bytes) => guard.judge(bytes))
  assert.deepEqual(judged, ['fine', 'warn', 'fine', 'warn', 'fine', 'fine', 'fine', 'fine', 'warn'])
})

it('stops beyond the most that the server may keep', () => {
  const guard = new WalGuard({ warnBytes: 100, maxBytes: 200 })
  assert.deepEqual(
    [101, 200, 201].map((bytes) => guard.judge(bytes)),
    ['warn', 'fine', 'stop'],
  )
})

it('without limits all is fine', () => {
  assert.equal(new WalGuard({ warnBytes: 0, maxBytes: 0 }).judge(1e15), 'fine')
})
