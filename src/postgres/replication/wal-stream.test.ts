import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { cstring, frame, keepalive, xlogData } from '../testing/wire-bytes.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { sqlState } from '../wire/failure.ts'
import { WalStream, type WalListener } from './wal-stream.ts'

const COPY_BOTH = frame('W', Buffer.from([0, 0, 0]))

/** A walsender that is played by the test: `says` are its bytes, `heard` what it was sent. */
class Walsender implements WalListener {
  readonly seen: string[] = []
  readonly heard: Buffer[] = []
  refusals = 0
  error: unknown = 'open'
  readonly socket = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => {
      this.heard.push(chunk)
      done()
    },
  })
  readonly stream: WalStream

  constructor() {
    const connection = { takeSocket: () => this.socket, close: () => this.socket.destroy() }
    this.stream = new WalStream(connection as unknown as PostgresConnection, this, 0)
  }

  async says(...bytes: readonly Buffer[]): Promise<void> {
    for (const chunk of bytes) this.socket.push(chunk)
    await setImmediate()
  }

  change(lsn: bigint, bytes: Buffer, start: number, end: number): boolean {
    if (this.refusals-- > 0) return false
    this.seen.push(`${lsn} ${bytes.toString('latin1', start, end)}`)
    return true
  }

  keepalive(walEnd: bigint, isUrgent: boolean): void {
    this.seen.push(`keepalive ${walEnd}${isUrgent ? ' urgent' : ''}`)
  }

  warned(): void {}
  drained(): void {}

  closed(error: unknown): void {
    this.error = error
  }
}

async function started(): Promise<Walsender> {
  const walsender = new Walsender()
  const start = walsender.stream.start('START_REPLICATION')
  await walsender.says(COPY_BOTH)
  await start
  walsender.stream.release()
  return walsender
}

test('changes that come with the answer wait until they are asked for', async () => {
  const walsender = new Walsender()
  const start = walsender.stream.start('START_REPLICATION')
  await walsender.says(Buffer.concat([COPY_BOTH, xlogData(5n, Buffer.from('B')), keepalive(6n)]))
  await start
  assert.deepEqual(walsender.seen, [])
  walsender.stream.release()
  assert.deepEqual(walsender.seen, ['5 B', 'keepalive 6'])
})

test('a refused change comes again after release', async () => {
  const walsender = await started()
  walsender.refusals = 1
  await walsender.says(xlogData(5n, Buffer.from('I1')), xlogData(6n, Buffer.from('I2')))
  assert.deepEqual(walsender.seen, [])
  walsender.stream.release()
  await walsender.says(keepalive(7n, true))
  assert.deepEqual(walsender.seen, ['5 I1', '6 I2', 'keepalive 7 urgent'])
})

test('a status update tells what was received and what is durable', async () => {
  const walsender = await started()
  walsender.stream.sendStatus(0x1_0000_0002n, 3n, false)
  const bytes = walsender.heard.at(-1)!
  assert.equal(
    bytes.subarray(0, 30).toString('hex'),
    '640000002672000000010000000200000000000000030000000000000003',
  )
  assert.deepEqual([bytes.length, bytes.at(-1)], [39, 0])
})

test('an error before streaming rejects the start, a later one ends the stream', async () => {
  const failure = frame('E', cstring('VERROR'), cstring('C55006'), cstring('Min use'), Buffer.from([0]))
  const refused = new Walsender()
  const start = refused.stream.start('START_REPLICATION')
  const rejected = assert.rejects(start, (error) => sqlState(error) === '55006')
  await refused.says(failure)
  await rejected
  assert.equal(refused.error, 'open')

  const walsender = await started()
  await walsender.says(failure)
  assert.equal(sqlState(walsender.error), '55006')
})

test('the end of the stream, and of the connection, is told once', async () => {
  const ended = await started()
  await ended.says(frame('c'), frame('C', cstring('COPY 0')))
  assert.equal(ended.error, null)

  const broken = await started()
  broken.socket.destroy(new Error('reset'))
  await setImmediate()
  assert.equal((broken.error as Error).message, 'reset')
})

test('what is not replication ends the stream with a protocol error', async () => {
  for (const bytes of [
    frame('d', Buffer.from('x')),
    frame('d', Buffer.from('w')),
    frame('T', Buffer.alloc(2)),
  ]) {
    const walsender = await started()
    await walsender.says(bytes)
    assert.equal((walsender.error as { code?: string }).code, 'postgres.protocol')
  }
})
