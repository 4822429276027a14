import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { Converter } from '../../src/api/plugin.ts'
import type { EncodedHeader } from '../../src/api/record-batch.ts'
import { isStruct } from '../../src/api/struct.ts'
import type { ConnectValue } from '../../src/api/value.ts'
import { CloudEventsConverter } from '../../src/converters/cloud-events/cloud-events-converter.ts'
import { cloudEventsOptions } from '../../src/converters/cloud-events/cloud-events-options.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'

/** What becomes of a record: its event, and what that is when it was read. */
interface Answer {
  readonly config?: string
  readonly event?: string | null
  readonly back?: string
  readonly error?: string | null
}

interface Given {
  readonly topic: string
  readonly value: string | null
  readonly headers: readonly (readonly [string, string])[]
}

const DIFFERENCES: readonly {
  readonly why: string
  readonly holds: (reference: Answer, own: Answer) => boolean
}[] = [
  {
    why: 'refusals say what to do, too',
    holds: ({ config }, own) => config !== undefined && own.config?.startsWith(config) === true,
  },
  {
    why: 'a record whose schema has no name has no event',
    holds: ({ error = '' }, own) => /"schemaName" is null/.test(error ?? '') && own.event === null,
  },
  {
    why: 'of several mistakes another one is told first',
    holds: ({ error }, own) =>
      typeof error === 'string' && typeof own.error === 'string' && !/schemaName/.test(error),
  },
  {
    why: 'metadata.source=value: what values do not say is made',
    holds: ({ error }, own) =>
      /null used for required field: "(?:id|type)"/.test(error ?? '') && typeof own.event === 'string',
  },
  {
    why: 'data in Avro are read from events in JSON, too',
    holds: ({ event, back }, own) =>
      event === own.event && /"data":null/.test(back ?? '') && /"data":"/.test(own.back ?? ''),
  },
]

const place = new URL('cloud-events/', import.meta.url)
const data = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')
const expected = linesOf(
  brotliDecompressSync(readFileSync(new URL('expected.jsonl.br', place))),
) as Answer[][]
const records = linesOf(readFileSync(new URL('records.jsonl', place))) as Given[]
const seen = new Set<string>()

for (const [i, config] of linesOf(readFileSync(new URL('converters.jsonl', place))).entries()) {
  test(`CloudEventsConverter with ${JSON.stringify(config)}: every event is the reference's`, () => {
    const converter = make(config as Record<string, string>)
    const answers: readonly Answer[] =
      typeof converter === 'string'
        ? [{ config: converter }]
        : records.map((given) => answer(converter, given))
    assert.equal(answers.length, expected[i]!.length)
    for (const [at, own] of answers.entries()) {
      const reference = expected[i]![at]!
      if (JSON.stringify(own) === JSON.stringify(reference)) continue
      const difference = DIFFERENCES.find(({ holds }) => holds(reference, own))
      if (difference === undefined) assert.deepEqual(own, reference, `record ${at + 1} of records.jsonl`)
      else seen.add(difference.why)
    }
  })
}

// What no case shows any more is no difference.
after(() =>
  assert.deepEqual(
    DIFFERENCES.map(({ why }) => why).filter((why) => !seen.has(why)),
    [],
  ),
)

/** The complaint, where the options are refused. */
function make(config: Record<string, string>): Converter | string {
  try {
    const options = cloudEventsOptions(config)
    return new CloudEventsConverter(options, options.avro === null ? null : framed())
  } catch (error) {
    return (error as Error).message
  }
}

function answer(converter: Converter, { topic, value, headers }: Given): Answer {
  const read = data.toConnectData('t', value === null ? null : Buffer.from(value))
  const encoded: EncodedHeader[] = headers.map(([name, text]) => ({ name, value: Buffer.from(text) }))
  try {
    const writer = converter.forHeaders?.(encoded) ?? converter
    const bytes = writer.fromConnectData(topic, read.schema, read.value)
    if (bytes === null) return { event: null }
    const back = converter.toConnectData(topic, bytes)
    const written = data.fromConnectData(
      't',
      back.schema,
      back.schema === null ? sorted(back.value) : back.value,
    )
    return { event: Buffer.from(bytes).toString('latin1'), back: Buffer.from(written!).toString() }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** In the place of AvroConverter: a zero, a number for each topic and schema, and JSON with its schema. */
function framed(): Converter {
  const known: string[] = []
  return {
    fromConnectData(topic, schema, value) {
      const json = data.fromConnectData(topic, schema, value)!
      const shape = topic + Buffer.from(json).toString().split(',"payload":')[0]
      if (!known.includes(shape)) known.push(shape)
      const head = Buffer.alloc(5)
      head.writeInt32BE(known.indexOf(shape) + 1, 1)
      return Buffer.concat([head, json])
    },
    toConnectData: (topic, bytes) => data.toConnectData(topic, bytes?.subarray(5) ?? null),
  }
}

/** As the reference's maps without a schema have no order; structs, which they cannot hold, as texts. */
function sorted(value: ConnectValue): ConnectValue {
  if (isStruct(value)) return Buffer.from(data.fromConnectData('t', value.schema, value)!).toString()
  if (!(value instanceof Map)) return value
  const entries = [...(value as ReadonlyMap<string, ConnectValue>)]
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => [name, sorted(entry)]))
}

function linesOf(bytes: Buffer): readonly unknown[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}
