import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { DataError, RetriableError } from '../../api/errors.ts'
import type { Converter } from '../../api/plugin.ts'
import { RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { SourceRecord } from '../../api/record.ts'
import type { ConnectValue } from '../../api/value.ts'
import { ErrorTolerance } from './error-tolerance.ts'
import type { RecordConverters } from './record-converters.ts'
import { SinkRecordConverter } from '../sink/sink-record-converter.ts'
import { SourceRecordEncoder } from '../source/source-record-encoder.ts'
import { TaskMeter } from './task-meter.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { TransformationChain } from './transformation-chain.ts'

/** Text that has to be prepared for, one by one, as if a registry were asked. */
class AskingConverter implements Converter {
  readonly isPlainJson: boolean
  readonly asked: string[] = []
  readonly #prepared = new Set<string>()
  /** Thrown for the text, this many times. */
  readonly failures = new Map<string, { error: Error; times: number }>()

  constructor(isPlainJson = false) {
    this.isPlainJson = isPlainJson
  }

  prepareToWrite(_topic: string, _schema: unknown, value: ConnectValue): Promise<void> | null {
    return this.#prepare(value as string)
  }

  prepareToRead(_topic: string, bytes: Uint8Array | null): Promise<void> | null {
    return this.#prepare(Buffer.from(bytes!).toString())
  }

  fromConnectData(_topic: string, _schema: unknown, value: ConnectValue): Uint8Array {
    assert.ok(this.#prepared.has(value as string), `${value as string} is prepared`)
    return Buffer.from(value as string)
  }

  toConnectData(_topic: string, bytes: Uint8Array | null) {
    const value = Buffer.from(bytes!).toString()
    assert.ok(this.#prepared.has(value), `${value} is prepared`)
    return { schema: null, value }
  }

  #prepare(text: string): Promise<void> | null {
    return this.#prepared.has(text) ? null : this.#ask(text)
  }

  async #ask(text: string): Promise<void> {
    this.asked.push(text)
    await Promise.resolve()
    const failure = this.failures.get(text)
    if (failure !== undefined && failure.times-- > 0) throw failure.error
    this.#prepared.add(text)
  }
}

const away = new RetriableError('plugin.unavailable', 'away')
const bad = new DataError('connect.data-invalid', 'bad')

function tolerance(config: Record<string, string>): ErrorTolerance {
  const { signal } = new AbortController()
  const task = { connector: 'c', task: 0 }
  return new ErrorTolerance(config, { task, logger: silentLogger, signal, meter: new TaskMeter() })
}

describe('a converter that has to prepare', () => {
  let key: AskingConverter
  let value: AskingConverter
  let converters: RecordConverters
  beforeEach(() => {
    key = new AskingConverter()
    value = new AskingConverter()
    converters = converterSet(key, value)
  })

  test('is given the time before each record that is written, once', async () => {
    assert.deepEqual(await encoded({}, 'a', 'b', 'a'), ['a', 'b', 'a'])
    assert.deepEqual([key.asked, value.asked], [['k'], ['a', 'b']])
  })

  test('may refuse a record, which is passed over where that is tolerated', async () => {
    value.failures.set('b', { error: bad, times: Infinity })
    assert.deepEqual(await encoded({ 'errors.tolerance': 'all' }, 'a', 'b', 'c'), ['a', 'c'])
    await assert.rejects(encoded({}, 'b'), { code: 'connect.tolerance-exceeded', cause: bad })
  })

  test('loses no record while what it asks is away, whatever is tolerated', async () => {
    value.failures.set('b', { error: away, times: Infinity })
    await assert.rejects(encoded({ 'errors.tolerance': 'all' }, 'a', 'b', 'c'), away)
  })

  test('is tried again within errors.retry.timeout', async () => {
    value.failures.set('b', { error: away, times: 1 })
    const config = { 'errors.retry.timeout': '10000', 'errors.retry.delay.max.ms': '1' }
    assert.deepEqual(await encoded(config, 'a', 'b'), ['a', 'b'])
  })

  test('is given the time before each record that is read', async () => {
    assert.deepEqual(await read({}, 'a', 'b', 'a'), ['a', 'b', 'a'])
    assert.deepEqual([key.asked, value.asked], [['k'], ['a', 'b']])
    value.failures.set('x', { error: bad, times: Infinity })
    assert.deepEqual(await read({ 'errors.tolerance': 'all' }, 'x', 'c'), ['c'])
    value.failures.set('y', { error: away, times: Infinity })
    await assert.rejects(read({ 'errors.tolerance': 'all' }, 'y'), away)
  })

  test('of keys has all keys of a batch before the task asks for them', async () => {
    const plain = new AskingConverter(true)
    const converter = sinkConverter(converterSet(key, plain), {})
    const batch = await converter.convert(consumed('{}', '{}'))
    if (batch.kind !== 'json') assert.fail('JSON goes as it is')
    while (batch.reader.next()) assert.equal(batch.key().value, 'k')
    key.failures.set('k2', { error: away, times: Infinity })
    const writer = new RecordBatchWriter()
    writer.record(0, Buffer.from('k2'), Buffer.from('{}'))
    const next = { topic: 't', partition: 0, batch: writer.finish(), firstOffset: 0n }
    await assert.rejects(converter.convert(next), away)
  })

  async function encoded(config: Record<string, string>, ...values: string[]): Promise<string[]> {
    const encoder = new SourceRecordEncoder({
      chain: new TransformationChain([]),
      converters,
      topics: { partitions: () => Promise.resolve(1) },
      tolerance: tolerance(config),
    })
    const texts: string[] = []
    for (const { batch } of await encoder.encode(values.map(sourceRecord))) {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        texts.push(Buffer.from(reader.value!).toString())
      }
    }
    return texts
  }

  async function read(config: Record<string, string>, ...values: string[]): Promise<ConnectValue[]> {
    const batch = await sinkConverter(converters, config).convert(consumed(...values))
    if (batch.kind !== 'records') assert.fail('records are due')
    return batch.records.map((record) => record.value)
  }
})

function converterSet(key: Converter, value: Converter): RecordConverters {
  return {
    key,
    value,
    header: {
      fromConnectHeader: () => null,
      toConnectHeader: () => ({ schema: null, value: null }),
    },
    classNames: { key: 'Key', value: 'Value', header: 'Header' },
  }
}

function sinkConverter(converters: RecordConverters, config: Record<string, string>): SinkRecordConverter {
  return new SinkRecordConverter({
    chain: new TransformationChain([]),
    converters,
    tolerance: tolerance(config),
    deadLetters: null,
  })
}

function sourceRecord(value: string): SourceRecord {
  return {
    topic: 't',
    partition: 0,
    keySchema: null,
    key: 'k',
    valueSchema: null,
    value,
    timestamp: 0,
    headers: [],
  }
}

function consumed(...values: string[]) {
  const writer = new RecordBatchWriter()
  for (const value of values) writer.record(0, Buffer.from('k'), Buffer.from(value))
  return { topic: 't', partition: 0, batch: writer.finish(), firstOffset: 0n }
}
