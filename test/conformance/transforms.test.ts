import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { Transformation, TransformationPlugin } from '../../src/api/plugin.ts'
import type { ConnectRecord, SinkRecord } from '../../src/api/record.ts'
import type { Schema } from '../../src/api/schema.ts'
import type { ConnectValue } from '../../src/api/value.ts'
import { transformations } from '../../src/cli/transformation-catalogue.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { debeziumDifferences, debeziumValueDifferences } from './debezium-differences.ts'
import { differenceOf, differences, type Answer, type Difference } from './transform-differences.ts'

interface GivenRecord {
  readonly kind?: 'source'
  readonly topic: string
  readonly timestamp?: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string])[]
}
type Chain = readonly (readonly [string, Readonly<Record<string, string>>])[]

const APACHE = 'org.apache.kafka.connect.transforms.'
const converter = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')
const plugins = new Map<string, TransformationPlugin>()

before(async () => {
  for (const entry of transformations) {
    plugins.set(entry.className.replace(APACHE, ''), (await entry.load()) as TransformationPlugin)
  }
})

compareAll("Kafka Connect's transformations", { folder: 'transforms/', differences })
compareAll("Debezium's transformations", {
  folder: 'transforms/debezium/',
  differences: debeziumDifferences,
})

compareAll("Debezium's transformations of geometries and of large columns", {
  folder: 'transforms/debezium-values/',
  differences: debeziumValueDifferences,
})

function compareAll(
  title: string,
  set: { readonly folder: string; readonly differences: readonly Difference[] },
): void {
  const place = new URL(set.folder, import.meta.url)
  const chains = linesOf(readFileSync(new URL('chains.jsonl', place))) as readonly Chain[]
  const records = (linesOf(readFileSync(new URL('records.jsonl', place))) as readonly GivenRecord[]).map(
    recordOf,
  )
  const seen = new Set<string>()
  describe(title, () => {
    let expected: readonly (readonly Answer[])[]
    before(() => {
      const bytes = brotliDecompressSync(readFileSync(new URL('expected.jsonl.br', place)))
      expected = linesOf(bytes) as readonly (readonly Answer[])[]
    })
    for (const name of new Set(chains.map(classOf))) {
      test(`${name}: every record comes out as the reference's`, () => {
        for (const [index, chain] of chains.entries()) {
          if (classOf(chain) === name) compare(chain, expected[index]!)
        }
      })
    }
    // What no case shows any more is no difference.
    after(() =>
      assert.deepEqual(
        set.differences.map(({ why }) => why).filter((why) => !seen.has(why)),
        [],
      ),
    )
  })

  function compare(chain: Chain, expected: readonly Answer[]): void {
    // Made anew for each record: some remember what they saw.
    const made = records.map(() => make(chain))
    const answers =
      typeof made[0] === 'string'
        ? [{ config: made[0] }]
        : records.map((given, i) => answer(made[i] as readonly Transformation[], given))
    assert.ok(expected.length === answers.length || isRefusal(expected[0]) || isRefusal(answers[0]))
    for (const [i, actual] of answers.entries()) {
      const wanted = expected[i]
      if (JSON.stringify(actual) === JSON.stringify(wanted)) continue
      const why = wanted && differenceOf(wanted, actual, set.differences)
      if (why === undefined) {
        assert.deepEqual(actual, wanted, `${JSON.stringify(chain)}, record ${i + 1} of records.jsonl`)
      } else seen.add(why)
    }
  }
}

/** The complaint, where the configuration is refused. */
function make(chain: Chain): readonly Transformation[] | string {
  const steps: Transformation[] = []
  for (const [name, config] of chain) {
    const plugin = plugins.get(name)!
    const [problem] = plugin.configDef.validate(config).flatMap(({ errors }) => errors)
    if (problem !== undefined) return problem
    try {
      steps.push(plugin.create(config))
    } catch (error) {
      return (error as Error).message
    }
  }
  return steps
}

function isRefusal(answer: Answer | undefined): boolean {
  return typeof answer === 'object' && answer.config !== undefined
}

function classOf(chain: Chain): string {
  return chain.length === 1 ? chain[0]![0].replace(/\$.*/, '').replace(/.*\./, '') : 'Chains'
}

function answer(steps: readonly Transformation[], given: ConnectRecord): Answer {
  let record: ConnectRecord | null = given
  try {
    for (const step of steps) if (record !== null) record = step.apply(record)
  } catch (error) {
    return { error: classNameOf(error as Error), message: (error as Error).message }
  }
  if (record === null) return 'dropped'
  return {
    topic: record.topic,
    ...(record.partition !== given.partition && { partition: record.partition }),
    ...(record.timestamp !== null && { timestamp: record.timestamp }),
    key: written(record.keySchema, record.key),
    value: written(record.valueSchema, record.value),
    headers: record.headers.map(({ name, schema, value }) => [name, written(schema, value)]),
  }
}

function written(schema: Schema | null, value: ConnectValue): string | null {
  try {
    const bytes = converter.fromConnectData('t', schema, schema === null ? sorted(value) : value)
    return bytes && Buffer.from(bytes).toString()
  } catch (error) {
    return `!${classNameOf(error as Error)}: ${(error as Error).message}`
  }
}

/** The reference's name of it. */
function classNameOf({ name }: Error): string {
  return name === 'DataError' ? 'DataException' : name
}

/** As the reference's maps without a schema have no order. */
function sorted(value: ConnectValue): ConnectValue {
  if (Array.isArray(value)) return (value as readonly ConnectValue[]).map(sorted)
  if (!(value instanceof Map)) return value
  const entries = [...(value as ReadonlyMap<string, ConnectValue>)]
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => [name, sorted(entry)]))
}

function recordOf({ kind, topic, timestamp, key, value, headers }: GivenRecord): ConnectRecord {
  const read = (text: string | null) => converter.toConnectData('t', text === null ? null : Buffer.from(text))
  const [keyRead, valueRead] = [read(key), read(value)]
  const record: ConnectRecord = {
    topic,
    partition: null,
    keySchema: keyRead.schema,
    key: keyRead.value,
    valueSchema: valueRead.schema,
    value: valueRead.value,
    timestamp: timestamp ?? null,
    headers: headers.map(([name, text]) => ({ name, ...read(text) })),
  }
  if (kind === 'source') return record
  const sink: SinkRecord = { ...record, partition: 3, origin: { topic, partition: 3, offset: 42n } }
  return sink
}

function linesOf(bytes: Buffer): readonly unknown[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}
