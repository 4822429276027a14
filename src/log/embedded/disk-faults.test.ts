import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { ConnectError } from '../../api/errors.ts'
import { batchOf, recordsOf } from '../contract/contract-batches.ts'
import { openStore } from './open-store.ts'
import { LogStore } from './log-store.ts'
import { Metadata } from './metadata.ts'
import { SegmentFiles, type Disk } from './segment-files.ts'
import { silentLogger } from './testing/silent-logger.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'
import { readAll } from '../contract/contract-log.ts'

/** A disk whose calls fail when a test says so. */
class FaultyDisk {
  /** Thrown by the call of that name, every time. */
  faults: Partial<Record<keyof Disk, { code: string }>> = {}

  readonly disk: Disk = new Proxy(fs, {
    get: (target, name: keyof Disk) => {
      const fault = this.faults[name]
      if (fault === undefined) return target[name]
      return (...args: unknown[]) => {
        // A write that fails may have written a part of its bytes.
        if (name === 'writevSync') fs.writeSync(args[0] as number, 'half', args[2] as number)
        throw Object.assign(new Error(`${fault.code}: ${name}`), { code: fault.code })
      }
    },
  })
}

function openFaulty(t: TestContext): { store: LogStore; faulty: FaultyDisk; dataDir: string; path: string } {
  const dataDir = temporaryDirectory(t)
  const faulty = new FaultyDisk()
  const store = openStore(dataDir, silentLogger, faulty.disk)
  store.createTopics([{ name: 't', partitions: 1 }])
  const path = join(dataDir, 'topics', 't.1', '0', '00000000000000000000.log')
  return { store, faulty, dataDir, path }
}

function append(store: LogStore, value: string): bigint {
  const state = [{ space: 's', key: 'last', value }]
  const ask = { batches: [{ topic: 't', partition: 0, batch: batchOf(value) }], state }
  return store.commit([{ kind: 'append', ask }]).baseOffsets[0]![0]!
}

function failure(action: () => unknown): ConnectError {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error))
    return error
  }
  return assert.fail('it did not fail')
}

const faults = [
  { call: 'writevSync', code: 'ENOSPC', error: 'log.disk-full' },
  { call: 'writevSync', code: 'EROFS', error: 'log.write-failed' },
  { call: 'fdatasyncSync', code: 'EIO', error: 'log.write-failed' },
  { call: 'fdatasyncSync', code: 'EDQUOT', error: 'log.disk-full' },
] as const

for (const { call, code, error } of faults) {
  test(`an append that ends in ${code} of ${call} is taken back, and the next one works`, async (t) => {
    const { store, faulty, dataDir, path } = openFaulty(t)
    assert.equal(append(store, 'a'), 0n)
    const { size } = fs.statSync(path)

    faulty.faults = { [call]: { code } }
    for (let attempt = 0; attempt < 2; attempt++) {
      const thrown = failure(() => append(store, 'lost'))
      assert.equal(thrown.code, error)
      assert.equal(thrown.retriable, true)
      assert.ok(thrown.message.includes(dataDir), thrown.message)
      assert.equal(fs.statSync(path).size, size, 'what was written is cut off again')
    }
    assert.equal(store.topics('t')[0]!.partitions[0]!.endOffset, 1n)
    assert.deepEqual([...store.readState('s')], [['last', 'a']])

    faulty.faults = {}
    assert.equal(append(store, 'b'), 1n)
    store.close()
    const log = await temporaryLog(t, { dataDir })
    assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:a', '1:b'])
    assert.deepEqual([...(await log.readState('s'))], [['last', 'b']])
  })
}

test('while the bytes of a failed append cannot be cut off, appends fail; afterwards they work', async (t) => {
  const { store, faulty, dataDir } = openFaulty(t)
  append(store, 'a')
  faulty.faults = { fdatasyncSync: { code: 'EIO' }, ftruncateSync: { code: 'EIO' } }
  assert.equal(failure(() => append(store, 'lost')).code, 'log.write-failed')
  faulty.faults = { ftruncateSync: { code: 'EIO' } }
  assert.equal(failure(() => append(store, 'lost')).code, 'log.write-failed')
  faulty.faults = {}
  assert.equal(append(store, 'b'), 1n)
  store.close()
  const log = await temporaryLog(t, { dataDir })
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:a', '1:b'])
})

test('a first append that fails leaves no file that a later start could take for one', (t) => {
  const { store, faulty, path } = openFaulty(t)
  faulty.faults = { fsyncSync: { code: 'EIO' } }
  assert.equal(failure(() => append(store, 'lost')).code, 'log.write-failed')
  assert.equal(fs.existsSync(path), false)
  faulty.faults = {}
  assert.equal(append(store, 'a'), 0n)
  store.close()
})

test('bytes of a transaction that may yet turn out to be committed stay until it cannot', async (t) => {
  const dataDir = temporaryDirectory(t)
  openStore(dataDir, silentLogger).close()
  let isBroken = false
  const metadata = new Proxy(new Metadata(join(dataDir, 'tailrace.db')), {
    get: (target, name: keyof Metadata) => {
      if (isBroken && (name === 'transaction' || name === 'probe')) {
        return () => {
          throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
        }
      }
      return target[name].bind(target)
    },
  })
  const parts = { dataDir, metadata, files: new SegmentFiles(dataDir), logger: silentLogger }
  const store = new LogStore(parts, [])
  store.createTopics([{ name: 't', partitions: 1 }])
  const path = join(dataDir, 'topics', 't.1', '0', '00000000000000000000.log')
  append(store, 'a')
  const { size } = fs.statSync(path)
  isBroken = true
  assert.equal(failure(() => append(store, 'b')).code, 'log.disk-full')
  assert.ok(fs.statSync(path).size > size)
  assert.equal(failure(() => append(store, 'c')).code, 'log.disk-full')
  assert.equal(store.topics('t')[0]!.partitions[0]!.endOffset, 1n)
  isBroken = false
  assert.equal(append(store, 'd'), 1n)
  store.close()
  const log = await temporaryLog(t, { dataDir })
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:a', '1:d'])
})

test('one write of a group that fails takes the others along, and leaves nothing', (t) => {
  const { store } = openFaulty(t)
  const good = { batches: [{ topic: 't', partition: 0, batch: batchOf('a') }], state: [] }
  const bad = { batches: [{ topic: 'nowhere', partition: 0, batch: batchOf('b') }], state: [] }
  const group = [
    { kind: 'append', ask: good },
    { kind: 'append', ask: bad },
  ] as const
  assert.equal(failure(() => store.commit(group)).code, 'log.topic-unknown')
  assert.equal(store.topics('t')[0]!.partitions[0]!.endOffset, 0n)
  assert.deepEqual(store.commit([group[0]]).baseOffsets, [[0n]])
  store.close()
})

test('a process that may write no more keeps what is whole and answers on', async (t) => {
  const dataDir = temporaryDirectory(t)
  // The kernel cuts a write at the limit (a short count first, then EFBIG), as a full disk does.
  const program = fileURLToPath(new URL('./testing/limited-process.ts', import.meta.url))
  const command = 'ulimit -f 1000 && exec "$@"'
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', command, 'sh', process.execPath, ...process.execArgv, program, dataDir],
    { env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  )
  const { acknowledged, code, endOffset } = JSON.parse(stdout) as Record<string, unknown>
  assert.equal(code, 'log.write-failed')
  assert.ok(Number(acknowledged) > 0)
  assert.equal(endOffset, acknowledged)
  const log = await temporaryLog(t, { dataDir })
  const batches = await log.read({ topic: 't', partition: 0, offset: 0n }, 1_000_000_000)
  assert.equal(batches.flatMap((batch) => recordsOf(batch)).length, acknowledged)
})
