import { primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ValueCodec } from './value-codec.ts'

const SPARSE_SCHEMA = structSchema(
  [
    { name: 'dimensions', schema: primitiveSchema('int16') },
    {
      name: 'vector',
      schema: {
        type: 'map',
        optional: false,
        keySchema: primitiveSchema('int16'),
        valueSchema: primitiveSchema('double'),
      },
    },
  ],
  { name: 'io.debezium.data.SparseDoubleVector', version: 1, doc: 'Sparse double vector' },
)
const MOST_SPARSE_DIMENSIONS = 32_767

/** The types of the extension pgvector, by name. */
export const vectorCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['vector', denseCodec('double', 'io.debezium.data.DoubleVector')],
  ['halfvec', denseCodec('float', 'io.debezium.data.FloatVector')],
  [
    'sparsevec',
    {
      schema: SPARSE_SCHEMA,
      decode: (bytes, start, end) => sparse(bytes.toString('latin1', start, end)),
      zero: new ValueStruct(SPARSE_SCHEMA, [0, new Map()]),
      placeholder: null,
    } satisfies ValueCodec,
  ],
])

/** `[1,2.5,-3]` */
function denseCodec(type: 'double' | 'float', name: string): ValueCodec {
  const schema: Schema = {
    type: 'array',
    optional: false,
    name,
    version: 1,
    valueSchema: primitiveSchema(type),
  }
  return {
    schema,
    decode: (bytes, start, end) => {
      const numbers = bytes
        .toString('latin1', start + 1, end - 1)
        .split(',')
        .map(Number)
      return type === 'float' ? numbers.map(Math.fround) : numbers
    },
    zero: [],
    placeholder: null,
  }
}

/** `{1:1.5,5:-2}/5`; null where there are more dimensions than the schema can count. */
function sparse(text: string): ConnectValue {
  const [entries, dimensions] = text.split('/') as [string, string]
  if (Number(dimensions) > MOST_SPARSE_DIMENSIONS) return null
  const pairs = entries
    .slice(1, -1)
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => entry.split(':').map(Number) as [number, number])
  return new ValueStruct(SPARSE_SCHEMA, [Number(dimensions), new Map(pairs)])
}
