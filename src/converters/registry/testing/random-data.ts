import fc from '../../../../test/properties.ts'
import { Decimal } from '../../../api/decimal.ts'
import type { Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'

const CONNECT = 'org.apache.kafka.connect.data'

export interface Sample {
  readonly schema: Schema
  readonly value: ConnectValue
}

interface Kind {
  readonly schema: Schema
  readonly values: fc.Arbitrary<ConnectValue>
}

const millis = (most: number): fc.Arbitrary<Date> =>
  fc.integer({ min: -most, max: most }).map((ms) => new Date(ms))
const plain = (type: Schema['type'], values: fc.Arbitrary<ConnectValue>): Kind => ({
  schema: { type, optional: false },
  values,
})
const logical = (type: Schema['type'], name: string, values: fc.Arbitrary<ConnectValue>): Kind => ({
  schema: { type, optional: false, name: `${CONNECT}.${name}`, version: 1 },
  values,
})

const leaves: readonly Kind[] = [
  plain('int8', fc.integer({ min: -128, max: 127 })),
  plain('int16', fc.integer({ min: -32768, max: 32767 })),
  plain('int32', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  plain('int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  plain('float', fc.float({ noNaN: true })),
  plain('double', fc.double({ noNaN: true })),
  plain('boolean', fc.boolean()),
  plain('string', fc.string({ unit: 'grapheme' })),
  plain(
    'bytes',
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ),
  logical(
    'int32',
    'Date',
    fc.integer({ min: -100_000, max: 100_000 }).map((days) => new Date(days * 86_400_000)),
  ),
  logical(
    'int32',
    'Time',
    fc.integer({ min: 0, max: 86_399_999 }).map((ms) => new Date(ms)),
  ),
  logical('int64', 'Timestamp', millis(2 ** 50)),
  {
    schema: {
      type: 'bytes',
      optional: false,
      name: `${CONNECT}.Decimal`,
      version: 1,
      parameters: { scale: '3' },
    },
    values: fc.bigInt().map((unscaled) => new Decimal(unscaled, 3)),
  },
]

function kind(depth: number): fc.Arbitrary<Kind> {
  const leaf = fc.constantFrom(...leaves)
  const any = depth === 0 ? leaf : fc.oneof(leaf, arrays(depth), maps(depth), structs(depth))
  return fc
    .tuple(any, fc.boolean())
    .map(([{ schema, values }, optional]) =>
      optional
        ? { schema: { ...schema, optional: true }, values: fc.option(values, { nil: null }) }
        : { schema, values },
    )
}

function arrays(depth: number): fc.Arbitrary<Kind> {
  return kind(depth - 1).map(({ schema, values }) => ({
    schema: { type: 'array', optional: false, valueSchema: schema },
    values: fc.array(values, { maxLength: 4 }),
  }))
}

function maps(depth: number): fc.Arbitrary<Kind> {
  return kind(depth - 1).map(({ schema, values }) => ({
    schema: {
      type: 'map',
      optional: false,
      keySchema: { type: 'string', optional: false },
      valueSchema: schema,
    },
    values: fc.array(fc.tuple(fc.string(), values), { maxLength: 4 }).map((entries) => new Map(entries)),
  }))
}

let structsMade = 0

function structs(depth: number): fc.Arbitrary<Kind> {
  return fc.array(kind(depth - 1), { minLength: 1, maxLength: 6 }).map((kinds) => {
    const fields = kinds.map(({ schema }, index) => ({ name: `f${index}`, schema }))
    const schema: Schema = { type: 'struct', optional: false, name: `random.S${structsMade++}`, fields }
    return {
      schema,
      values: fc.tuple(...kinds.map(({ values }) => values)).map((values) => new ValueStruct(schema, values)),
    }
  })
}

/** A struct of random fields with a random value. */
export const samples: fc.Arbitrary<Sample> = structs(2).chain(({ schema, values }) =>
  values.map((value) => ({ schema, value })),
)

/** Values in a form that `deepEqual` compares: structs are lists of their fields, numbers keep the sign of zero. */
export function comparable(value: ConnectValue): unknown {
  if (value instanceof ValueStruct)
    return value.schema.fields!.map((_field, index) => comparable(value.at(index)))
  if (value instanceof Decimal) return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return (value as readonly ConnectValue[]).map(comparable)
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<ConnectValue, ConnectValue>)].map(([key, entry]) => [
      key,
      comparable(entry),
    ])
  }
  return value
}
