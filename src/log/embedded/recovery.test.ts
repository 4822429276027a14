import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { batchOf, recordsOf } from '../contract/contract-batches.ts'
import { appendTo, hasCode, readAll } from '../contract/contract-log.ts'
import type { Log } from '../log.ts'
import { openEmbeddedLog } from './embedded-log.ts'
import { openStore } from './open-store.ts'
import { APPENDED, RECENT } from './testing/appending-process.ts'
import { silentLogger } from './testing/silent-logger.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'

/** TAILRACE_TEST_KILLS=1000 for the large dose. */
const KILLS = Number(process.env['TAILRACE_TEST_KILLS'] ?? 10)
/** Kills of one data directory, which is read in whole after each. */
const KILLS_EACH = 10

interface Acknowledged {
  readonly numbers: readonly number[]
  /** The last offset that was committed; -1: none. */
  readonly committed: number
}

/** Runs the appending process until it has acknowledged so much more, then kills it; answers what it acknowledged. */
async function appendUntilKilled(dataDir: string, lines: number): Promise<Acknowledged> {
  const program = fileURLToPath(new URL('./testing/appending-process.ts', import.meta.url))
  const process_ = spawn(process.execPath, [...process.execArgv, program, dataDir], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  let seen = 0
  process_.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text
    for (const character of text) if (character === '\n') seen++
    if (seen >= lines) process_.kill('SIGKILL')
  })
  await once(process_, 'close')
  assert.equal(process_.signalCode, 'SIGKILL')
  const whole = output.slice(0, output.lastIndexOf('\n')).split('\n')
  const [offsets, numbers] = [true, false].map((is) => whole.filter((line) => line.startsWith('c') === is))
  const committed = Math.max(-1, ...offsets!.map((line) => Number(line.slice(1))))
  return { numbers: numbers!.map(Number), committed }
}

/** The numbers in a partition, in the order of offsets; every record is looked at. */
async function numbersOf(log: Log, topic: string, partition: number): Promise<number[]> {
  const batches = await log.read({ topic, partition, offset: 0n }, 1_000_000_000)
  const { startOffset } = (await log.describeTopic(topic))!.partitions[partition]!
  return batches.map((batch, index) => {
    const records = recordsOf(batch)
    assert.equal(records.length, 2)
    const offset = startOffset + BigInt(index * 2)
    const number = Number(records[0]!.split(':')[1])
    assert.equal(records[0]!.slice(`${offset}:`.length), records[1]!.slice(`${offset + 1n}:`.length))
    assert.ok(records[0]!.startsWith(`${offset}:${number}:`), records[0])
    return number
  })
}

/** All of it after a kill: what was acknowledged is there, and nothing that does not belong together. */
async function checkNumbers(log: Log, { numbers, committed }: Acknowledged): Promise<void> {
  const last = Number((await log.readState(APPENDED.space)).get(APPENDED.key))
  assert.ok(Math.max(...numbers) <= last, `acknowledged beyond ${last}`)
  const found: number[] = []
  for (let partition = 0; partition < APPENDED.partitions; partition++) {
    const there = await numbersOf(log, APPENDED.topic, partition)
    assert.deepEqual(
      there,
      there.toSorted((a, b) => a - b),
    )
    found.push(...there)
  }
  // Records and state of an append are there together, so the state says exactly which records there are.
  assert.deepEqual(
    found.toSorted((a, b) => a - b),
    Array.from({ length: last + 1 }, (_, i) => i),
  )
  // Retention takes whole segments from the front, and leaves as much as it has to.
  const recent = await numbersOf(log, RECENT.topic, 0)
  const first = recent[0]!
  assert.deepEqual(
    recent,
    Array.from({ length: last + 1 - first }, (_, i) => first + i),
  )
  const kept = await log.read({ topic: RECENT.topic, partition: 0, offset: 0n }, 1_000_000_000)
  const bytes = kept.reduce((sum, batch) => sum + batch.length, 0)
  if (first > 0) assert.ok(bytes >= RECENT.keptBytes, `${bytes} bytes are left from ${first} on`)
  const [offset] = await log.groupOffsets(RECENT.group)
  const at = offset === undefined ? -1 : Number(offset.offset)
  assert.ok(
    at >= committed && at <= last,
    `the group is at ${at}, committed was ${committed}, the last is ${last}`,
  )
}

test('a process killed at any moment loses nothing acknowledged and shows nothing torn', async (t) => {
  let acknowledged = 0
  let isRetained = false
  for (let killed = 0; killed < KILLS;) {
    const dataDir = temporaryDirectory(t)
    for (let committed = -1, i = 0; i < KILLS_EACH && killed < KILLS; i++, killed++) {
      const known = await appendUntilKilled(dataDir, 1 + Math.floor(Math.random() * 150))
      acknowledged += known.numbers.length
      committed = Math.max(committed, known.committed)
      // No waiting for a stale lock either: it went with the process.
      const log = await openEmbeddedLog({ dataDir })
      await checkNumbers(log, { ...known, committed })
      isRetained ||= (await log.describeTopic(RECENT.topic))!.partitions[0]!.startOffset > 0n
      await log.close()
    }
    rmSync(dataDir, { recursive: true })
  }
  t.diagnostic(`${KILLS} kills, ${acknowledged} appends acknowledged`)
  assert.ok(acknowledged >= KILLS)
  assert.ok(isRetained, 'retention has taken nothing')
})

test('whatever part of a batch lies behind the committed end is cut off when the log is opened', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await openEmbeddedLog({ dataDir })
  await first.createTopic({ name: 't', partitions: 1 })
  await appendTo(first, 't', 0, 'a')
  await first.close()
  const path = join(dataDir, 'topics', 't.1', '0', '00000000000000000000.log')
  const { size } = statSync(path)
  const garbage = batchOf('torn', 'off')
  garbage.writeBigInt64LE(1n, 16)
  for (let length = 1; length <= garbage.length; length++) {
    appendFileSync(path, garbage.subarray(0, length))
    const store = openStore(dataDir, silentLogger)
    const [topic] = store.topics('t')
    store.close()
    assert.equal(topic!.partitions[0]!.endOffset, 1n)
    assert.equal(statSync(path).size, size, `${length} bytes of a batch`)
  }
  const log = await temporaryLog(t, { dataDir })
  assert.equal(await appendTo(log, 't', 0, 'b'), 1n)
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:a', '1:b'])
})

test('files that no commit knows of are removed', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await openEmbeddedLog({ dataDir })
  await first.createTopic({ name: 't', partitions: 1 })
  await appendTo(first, 't', 0, 'a')
  await first.close()
  const partition = join(dataDir, 'topics', 't.1', '0')
  writeFileSync(join(partition, '00000000000000000001.log'), 'begun, never committed')
  mkdirSync(join(dataDir, 'topics', 'deleted.7', '0'), { recursive: true })
  const log = await temporaryLog(t, { dataDir })
  assert.deepEqual(readdirSync(join(dataDir, 'topics')), ['t.1'])
  assert.deepEqual(readdirSync(partition), ['00000000000000000000.log'])
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:a'])
})

test('a flipped bit anywhere in a batch is an error that names the place, and is never served', async (t) => {
  const log = await temporaryLog(t)
  await log.createTopic({ name: 't', partitions: 1 })
  await appendTo(log, 't', 0, 'good')
  const path = join(log.dataDir, 'topics', 't.1', '0', '00000000000000000000.log')
  const start = statSync(path).size
  await appendTo(log, 't', 0, 'bad')
  const whole = readFileSync(path)
  for (let at = start; at < whole.length; at++) {
    const damaged = Buffer.from(whole)
    damaged[at]! ^= 1 << (at % 8)
    writeFileSync(path, damaged)
    // The batch before the damage is served, the damaged one is not.
    const from = { topic: 't', partition: 0, offset: 0n }
    assert.deepEqual(
      (await log.read(from, 1_000_000)).flatMap((batch) => recordsOf(batch)),
      ['0:good'],
    )
    await assert.rejects(log.read({ ...from, offset: 1n }, 1_000_000), (error: Error) => {
      assert.ok(hasCode('log.corrupt')(error))
      for (const part of [path, 'topic t', 'partition 0', 'offset 1']) {
        assert.ok(error.message.includes(part), `${part} in: ${error.message}`)
      }
      return true
    })
  }
  writeFileSync(path, whole)
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['0:good', '1:bad'])

  // Whoever wants to go on without the damaged batch can.
  await appendTo(log, 't', 0, 'after')
  whole[whole.length - 1]! ^= 1
  writeFileSync(path, Buffer.concat([whole, readFileSync(path).subarray(whole.length)]))
  await assert.rejects(log.read({ topic: 't', partition: 0, offset: 1n }, 1000), hasCode('log.corrupt'))
  assert.deepEqual(await readAll(log, 't', 0, 2n), ['2:after'])
})

test('a segment that lost committed bytes is reported when it is read, and appends go on behind it', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await openEmbeddedLog({ dataDir })
  await first.createTopic({ name: 't', partitions: 1 })
  await appendTo(first, 't', 0, 'a')
  await appendTo(first, 't', 0, 'b')
  await first.close()
  const path = join(dataDir, 'topics', 't.1', '0', '00000000000000000000.log')
  truncateSync(path, statSync(path).size - 1)
  const log = await temporaryLog(t, { dataDir })
  assert.equal(await appendTo(log, 't', 0, 'c'), 2n)
  await assert.rejects(log.read({ topic: 't', partition: 0, offset: 1n }, 1000), hasCode('log.corrupt'))
  assert.deepEqual(await readAll(log, 't', 0, 2n), ['2:c'])
})
