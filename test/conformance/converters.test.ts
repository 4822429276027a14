import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import type { ConverterPlugin, HeaderConverterPlugin, SchemaAndValue } from '../../src/api/plugin.ts'
import type { Schema } from '../../src/api/schema.ts'
import type { ConnectValue } from '../../src/api/value.ts'
import { converters } from '../../src/cli/converter-catalogue.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { simpleHeaderConverter } from '../../src/converters/simple-header-converter.ts'
import { converterDifferenceOf, converterDifferences, type ConverterAnswer } from './converter-differences.ts'

type Role = 'key' | 'value' | 'header'
type Given = readonly [className: string, role: Role, config: Readonly<Record<string, string>>]

interface Working {
  write(schema: Schema | null, value: ConnectValue): Uint8Array | null
  read(bytes: Uint8Array | null): SchemaAndValue
}

const KAFKA = 'org.apache.kafka.connect.'
const data = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')

describe('converters of Kafka Connect and Debezium', () => {
  const plugins = new Map<string, ConverterPlugin | HeaderConverterPlugin>()
  const seen = new Set<string>()
  const given = linesOf('converters.jsonl').map((line) => JSON.parse(line) as Given)
  const values = linesOf('values.jsonl')
  const bytes = linesOf('bytes.txt')
  let expected: readonly (readonly ConverterAnswer[])[]

  before(async () => {
    const text = brotliDecompressSync(readFileSync(place('expected.jsonl.br')))
      .toString()
      .trimEnd()
    plugins.set(`${simpleHeaderConverter.className} header_converter`, simpleHeaderConverter)
    expected = text.split('\n').map((line) => JSON.parse(line) as ConverterAnswer[])
    for (const entry of converters) {
      plugins.set(
        `${entry.className} ${entry.type}`,
        (await entry.load()) as ConverterPlugin | HeaderConverterPlugin,
      )
    }
  })

  for (const name of new Set(given.map(([className]) => className))) {
    test(`${name}: every value and all bytes come out as the reference's`, () => {
      for (const [index, converter] of given.entries()) {
        if (converter[0] === name) compare(converter, expected[index]!)
      }
    })
  }

  // What no case shows any more is no difference.
  after(() =>
    assert.deepEqual(
      converterDifferences.map(({ why }) => why).filter((why) => !seen.has(why)),
      [],
    ),
  )

  function compare(converter: Given, wanted: readonly ConverterAnswer[]): void {
    const made = make(converter)
    const answers =
      typeof made === 'string'
        ? [{ config: made }]
        : [
            ...values.map((text) => written(made, text)),
            ...bytes.map((hex) => readBack(made, hex === 'null' ? null : Buffer.from(hex, 'hex'))),
          ]
    for (const [i, own] of answers.entries()) {
      const reference = wanted[i] ?? wanted[0]!
      if (JSON.stringify(own) === JSON.stringify(reference)) continue
      const why = converterDifferenceOf(reference, own)
      if (why === undefined) {
        assert.deepEqual(
          own,
          reference,
          `${JSON.stringify(converter)}: ${values[i] ?? bytes[i - values.length]}`,
        )
      } else seen.add(why)
    }
  }

  /** The complaint, where the configuration is refused. */
  function make([className, role, config]: Given): Working | string {
    try {
      if (role !== 'header') {
        const plugin = plugins.get(`${fullName(className)} converter`) as ConverterPlugin
        const converter = plugin.create(config, role)
        return {
          write: (schema, value) => converter.fromConnectData('t', schema, value),
          read: (bytes) => converter.toConnectData('t', bytes),
        }
      }
      const plugin = plugins.get(`${fullName(className)} header_converter`) as HeaderConverterPlugin
      const converter = plugin.create(config)
      return {
        write: (schema, value) => converter.fromConnectHeader('t', { name: 'h', schema, value }),
        read: (bytes) => converter.toConnectHeader('t', 'h', bytes),
      }
    } catch (error) {
      return (error as Error).message
    }
  }
})

function fullName(className: string): string {
  return className.startsWith('io.') ? className : `${KAFKA}${className}`
}

function written(converter: Working, text: string): ConverterAnswer {
  const { schema, value } = data.toConnectData('t', text === 'null' ? null : Buffer.from(text))
  try {
    const bytes = converter.write(schema, value)
    return { bytes: bytes === null ? null : Buffer.from(bytes).toString('hex') }
  } catch (error) {
    return failure(error as Error)
  }
}

function readBack(converter: Working, bytes: Uint8Array | null): ConverterAnswer {
  try {
    const { schema, value } = converter.read(bytes)
    const text = data.fromConnectData('t', schema, value)
    return { data: text === null ? null : Buffer.from(text).toString() }
  } catch (error) {
    return failure(error as Error)
  }
}

function failure({ name, message }: Error): ConverterAnswer {
  return { error: name === 'DataError' ? 'DataException' : name, message }
}

function linesOf(name: string): readonly string[] {
  return readFileSync(place(name), 'utf8').replace(/\n$/, '').split('\n')
}

function place(name: string): URL {
  return new URL(`converters/${name}`, import.meta.url)
}
