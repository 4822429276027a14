import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { after, test } from 'node:test'
import fc from '../../test/properties.ts'
import type { ConnectorConfig } from '../api/config-def.ts'
import type { OffsetChange } from '../api/plugin.ts'
import type { JsonObject } from '../api/record.ts'
import type { SinkRecord } from '../api/record.ts'
import { primitiveSchema } from '../api/schema.ts'
import type { SinkTaskContext } from '../api/sink-task.ts'
import type { SourceTaskContext } from '../api/source-task.ts'
import { FileLines } from './file-lines.ts'
import { LineSplitter } from './line-splitter.ts'
import { FileStreamSinkTask } from './sink-task.ts'
import { fileStreamSourceConnector } from './source-connector.ts'
import { FileStreamSourceTask } from './source-task.ts'
import { StandardInput } from './standard-input.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-filestream-'))
after(() => rmSync(place, { recursive: true, force: true }))
let files = 0
const newFile = (text: string): string => {
  const file = join(place, `file-${++files}`)
  writeFileSync(file, text)
  return file
}
const log = { debug() {}, info() {}, warn() {}, error() {} }

test('lines end with LF, CR LF or CR, however the bytes come', () => {
  const splitter = new LineSplitter(10)
  splitter.add(Buffer.from('a\r\nb\rc\n\nd\r'))
  assert.deepEqual(splitter.take(9), ['a', 'b', 'c', ''])
  assert.equal(splitter.position, 18)
  splitter.add(Buffer.from('\ne'))
  assert.deepEqual(splitter.take(9), ['d'])
  assert.equal(splitter.last(), 'e')
  assert.equal(splitter.position, 22)
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''))
  const end = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), fc.integer({ min: 1, max: 7 }), (lines, size) => {
      const bytes = Buffer.from(lines.flat().join(''))
      const splitter = new LineSplitter(0)
      const found: string[] = []
      for (let at = 0; at < bytes.length; at += size) {
        splitter.add(bytes.subarray(at, at + size))
        found.push(...splitter.take(1), ...splitter.take(Infinity))
      }
      assert.deepEqual(
        found,
        lines.map(([text]) => text),
      )
      assert.equal(splitter.position, bytes.length)
    }),
  )
})

test('a source task gives whole lines in batches, and its offset is the byte behind them', async () => {
  const file = newFile('eins\nzwei ü\r\ndrei\nhalb')
  const start = async (stored: JsonObject | null, more: Record<string, string> = {}) => {
    const task = new FileStreamSourceTask()
    const context = { log, signal: AbortSignal.timeout(30_000), offset: async () => stored }
    await task.start({ file, topic: 't', ...more }, context as unknown as SourceTaskContext)
    return task
  }
  const shown = async (task: FileStreamSourceTask) => {
    const batch = await task.poll()
    const records = batch?.parts.flatMap((part) => (part.kind === 'records' ? part.records : []))
    return batch && [records!.map(({ value }) => value), batch.partition, batch.offset]
  }
  const first = await start(null, { 'batch.size': '2' })
  assert.deepEqual(await shown(first), [['eins', 'zwei ü'], { filename: file }, { position: 14 }])
  assert.deepEqual(await shown(first), [['drei'], { filename: file }, { position: 19 }])
  assert.equal(await shown(first), null)
  appendFileSync(file, 'es\n')
  assert.deepEqual((await shown(first))![0], ['halbes'])
  await first.stop()
  const again = await start({ position: 14 })
  assert.deepEqual((await shown(again))![0], ['drei', 'halbes'])
  await again.stop()
  await again.stop()
})

test('a file that is replaced is read to its end, then the new one from its start', async () => {
  const file = newFile('a\nb')
  const lines = new FileLines(file, 0, log)
  assert.deepEqual(await lines.read(9), { texts: ['a'], end: 2 })
  renameSync(file, `${file}.1`)
  assert.equal(await lines.read(9), null, 'its writer may still have it')
  appendFileSync(`${file}.1`, 'b\nlast')
  assert.deepEqual(await lines.read(9), { texts: ['bb'], end: 5 })
  writeFileSync(file, 'c\n')
  assert.deepEqual(await lines.read(9), { texts: ['last'], end: 0 })
  assert.deepEqual(await lines.read(9), { texts: ['c'], end: 2 })
  writeFileSync(file, '')
  assert.deepEqual(await lines.read(9), { texts: [], end: 0 })
  appendFileSync(file, 'd\n')
  assert.deepEqual(await lines.read(9), { texts: ['d'], end: 2 })
  await lines.close()
})

test('a file that is not there is waited for, and one that is shorter than before is read from its start', async () => {
  const file = join(place, 'later')
  const lines = new FileLines(file, 100, log)
  assert.equal(await lines.read(9), null)
  writeFileSync(file, 'x\n')
  assert.deepEqual(await lines.read(9), { texts: ['x'], end: 2 })
  await lines.close()
  await assert.rejects(new FileLines(place, 0, log).read(9), {
    name: 'ConfigError',
    message: /is a directory$/,
  })
})

test('a large file arrives whole', async () => {
  const count = 200_000
  const file = newFile(
    Array.from({ length: count }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}\r\n`).join(''),
  )
  const lines = new FileLines(file, 0, log)
  let found = 0
  for (;;) {
    const read = await lines.read(2000)
    if (read === null) break
    for (const text of read.texts) assert.ok(text.startsWith(`line ${found++} `))
  }
  assert.equal(found, count)
  await lines.close()
})

test('standard input is read until it ends, its last line too', async () => {
  const input = new StandardInput(Readable.from([Buffer.from('a\nb'), Buffer.from('c\nrest')]))
  const found: string[] = []
  for (let i = 0; i < 50 && found.length < 3; i++) {
    found.push(...((await input.read(1))?.texts ?? []))
    await setImmediate()
  }
  assert.deepEqual(found, ['a', 'bc', 'rest'])
  await input.close()
})

test('a sink task appends a line for each record, as Java would print its value', async () => {
  const file = newFile('before\n')
  const task = new FileStreamSinkTask()
  let asked = 0
  await task.start({ file }, { log, requestCommit: () => asked++ } as unknown as SinkTaskContext)
  const record = (value: SinkRecord['value'], valueSchema: SinkRecord['valueSchema'] = null) =>
    ({ value, valueSchema }) as SinkRecord
  const map = new Map<string, SinkRecord['value']>([
    ['a', 1n],
    ['b', null],
  ])
  const records = [record('x'), record(null), record(map), record(7, primitiveSchema('int32'))]
  await task.put([{ kind: 'records', topic: 't', partition: 0, records }])
  assert.equal(readFileSync(file, 'utf8'), 'before\nx\nnull\n{a=1, b=null}\n7\n')
  assert.equal(asked, 1)
  const positions = [{ topic: 't', partition: 0, offset: 4n }]
  assert.deepEqual(await task.preCommit(positions), positions)
  await task.stop()
  await task.stop()
  const lost = new FileStreamSinkTask()
  const nowhere = { file: join(place, 'none', 'x') }
  await assert.rejects(lost.start(nowhere, {} as SinkTaskContext), { name: 'RetriableError' })
})

test('positions that are none are refused in the words of the reference', () => {
  const check = (offsets: readonly OffsetChange[], config: ConnectorConfig = { file: '/f' }) =>
    fileStreamSourceConnector.checkOffsets!(config, offsets)
  const partition = { filename: '/f' }
  const cases: readonly (readonly [OffsetChange, string])[] = [
    [{ partition, offset: {} }, "Offset objects should either be null or contain the key 'position'"],
    [
      { partition, offset: { position: 'x' } },
      "The value for the 'position' key in the offset is expected to be a Long value",
    ],
    [
      { partition, offset: { position: 1.5 } },
      "The value for the 'position' key in the offset is expected to be a Long value",
    ],
    [
      { partition, offset: { position: -1 } },
      "The value for the 'position' key in the offset should be a non-negative value",
    ],
    [{ partition: null, offset: { position: 1 } }, 'Partition objects cannot be null'],
    [{ partition: { x: 1 }, offset: { position: 1 } }, "Partition objects should contain the key 'filename'"],
  ]
  for (const [offset, message] of cases) assert.throws(() => check([offset]), { message })
  check([
    { partition, offset: { position: 9_007_199_254_740_993n } },
    { partition: {}, offset: null },
  ])
  assert.throws(() => check([], {}), /^ConnectError: Offsets cannot be modified if the 'file' configuration/)
})
