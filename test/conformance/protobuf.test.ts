import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import { ByteWriter } from '../../src/api/byte-writer.ts'
import { ConfigDef } from '../../src/api/config-def.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { ProtobufFormat } from '../../src/converters/registry/protobuf/protobuf-format.ts'
import { protobufMapping, protobufOptions } from '../../src/converters/registry/protobuf/protobuf-options.ts'

interface Case {
  readonly options: Readonly<Record<string, string>>
  readonly data?: string
  readonly proto?: string
  readonly references?: Readonly<Record<string, string>>
  readonly bytes?: string
}

interface Answer {
  readonly text?: string
  readonly bytes?: string | null
  readonly back?: string
  /** Why it is not written. */
  readonly error?: string
  readonly message?: string | null
  /** Why it is not read. */
  readonly readError?: string
  readonly readMessage?: string | null
}

interface Difference {
  readonly why: string
  readonly holds: (reference: Answer, own: Answer) => boolean
}

/** The version of the subject that schemas are read with. */
const VERSION = 3

const differences: readonly Difference[] = [
  {
    why: 'what the reference refuses for a reason that is not one: unions beside optional fields, defaults within lists, unions without a parameter',
    holds: ({ message = '' }, own) =>
      own.error === undefined &&
      /Synthetic oneofs must come last|Repeated fields cannot have default|"java\.util\.Map\.get\(Object\)"/.test(
        message ?? '',
      ),
  },
  {
    why: 'two structs of one name with different fields are refused, where the reference loses a field or has no end',
    holds: (reference, own) =>
      own.error !== undefined &&
      reference.error === undefined &&
      (/are called/.test(own.error) || reference.readError === 'StackOverflowError'),
  },
  {
    why: 'a plain record of a logical type is refused, which the reference writes so that nobody can read it',
    holds: (reference, own) =>
      /is a struct or a plain value/.test(own.error ?? '') && reference.readError !== undefined,
  },
  {
    why: 'a decimal or a date that is not there is null, where generate.struct.for.nulls or a map makes the reference stumble',
    holds: ({ readError = '', readMessage }, own) =>
      own.readError === undefined && (readMessage === 'YEAR' || /NumberFormat|StackOverflow/.test(readError)),
  },
  {
    why: 'numbers of 32 bits without a sign take five bytes in their wrapper, not ten',
    holds: (reference, own) =>
      /f8ffffffff01/.test(reference.bytes ?? '') && canonical(reference.back) === canonical(own.back),
  },
  {
    why: "JsonConverter cannot write what was read, on either side: a scale that is not the schema's, a required null",
    holds: (reference, own) =>
      own.readError !== undefined &&
      (reference.readError !== undefined || reference.back?.startsWith('!') === true),
  },
]

const seen = new Set<string>()
const json = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')
const configDef = new ConfigDef(protobufOptions)
const cases = linesOf('cases') as readonly Case[]
const expected = linesOf('expected') as readonly Answer[]

test('Text, bytes and what is read from them again are those of the reference', () => compare('data'))
test("Others' schemas and bytes are read as the reference reads them", () => compare('proto'))

// What no case shows any more is no difference.
after(() =>
  assert.deepEqual(
    differences.map(({ why }) => why).filter((why) => !seen.has(why)),
    [],
  ),
)

function compare(kind: 'data' | 'proto'): void {
  let count = 0
  for (const [index, given] of cases.entries()) {
    if (given[kind] === undefined) continue
    count++
    const reference = expected[index]!
    const own = answer(given)
    if (isSame(reference, own)) continue
    const why = differences.find(({ holds }) => holds(reference, own))?.why
    if (why !== undefined) seen.add(why)
    else assert.deepEqual(own, reference, JSON.stringify(given, undefined, 2))
  }
  assert.ok(count > 600, `${count} cases`)
}

function isSame(reference: Answer, own: Answer): boolean {
  if (reference.error !== undefined || own.error !== undefined) {
    return reference.error !== undefined && own.error !== undefined
  }
  return (
    reference.text === own.text &&
    reference.bytes === own.bytes &&
    (reference.readError === undefined) === (own.readError === undefined) &&
    canonical(reference.back) === canonical(own.back)
  )
}

function answer(given: Case): Answer {
  const format = new ProtobufFormat(protobufMapping(configDef.parse(given.options)))
  const back = (text: string, bytes: Uint8Array): Answer => {
    const referenced = new Map(Object.entries(given.references ?? {}))
    try {
      const read = format.reader({ text, referenced, type: 'PROTOBUF', references: [] }, VERSION)
      const { schema, value } = read(bytes, 0)
      return { back: Buffer.from(json.fromConnectData('t', schema, value)!).toString() }
    } catch (error) {
      return { readError: (error as Error).name, readMessage: (error as Error).message }
    }
  }
  if (given.data === undefined) return back(given.proto!, Buffer.from(given.bytes!, 'hex'))
  try {
    const { schema, value } = json.toConnectData('t', Buffer.from(given.data))
    const { text, write } = format.describe(schema)
    if (value === null) return { text, bytes: null }
    const out = new ByteWriter()
    write(value, out)
    const bytes = Buffer.from(out.bytes.subarray(0, out.position))
    return { text, bytes: bytes.toString('hex'), ...back(text, bytes) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** Floats have the shortest digits, as Java writes them from 19 on; the order of maps has no meaning. */
function canonical(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('!')) return text
  return JSON.stringify(JSON.parse(text), (name, value: unknown) => {
    if (name === 'parameters' && JSON.stringify(value) === '{}') return undefined
    if (typeof value === 'number') return Number(value.toPrecision(6))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function linesOf(name: string): readonly unknown[] {
  const bytes = brotliDecompressSync(readFileSync(new URL(`protobuf/${name}.jsonl.br`, import.meta.url)))
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}
