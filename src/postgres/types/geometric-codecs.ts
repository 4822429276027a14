import { optional, primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ValueCodec } from './value-codec.ts'

type Position = readonly [x: number, y: number]

const DOUBLE = primitiveSchema('double')
const SRID = primitiveSchema('int32', { optional: true })

const POINT_SCHEMA = structSchema(
  [
    { name: 'x', schema: DOUBLE },
    { name: 'y', schema: DOUBLE },
    { name: 'wkb', schema: primitiveSchema('bytes', { optional: true }) },
    { name: 'srid', schema: SRID },
  ],
  { name: 'io.debezium.data.geometry.Point', version: 1, doc: 'Geometry (POINT)' },
)
export const GEOMETRY_SCHEMA = structSchema(
  [
    { name: 'wkb', schema: primitiveSchema('bytes') },
    { name: 'srid', schema: SRID },
    {
      name: 'extensions',
      schema: {
        type: 'map',
        optional: true,
        keySchema: primitiveSchema('string'),
        valueSchema: primitiveSchema('string'),
      },
    },
  ],
  { name: 'io.debezium.data.geometry.Geometry', version: 2, doc: 'Geometry' },
)
const CIRCLE_SCHEMA = structSchema(
  [
    { name: 'center', schema: POINT_SCHEMA },
    { name: 'radius', schema: DOUBLE },
  ],
  { name: 'io.debezium.data.geometry.Circle', version: 1, doc: 'Geometry (CIRCLE)' },
)
const LINE_SCHEMA = structSchema(
  [
    { name: 'a', schema: DOUBLE },
    { name: 'b', schema: DOUBLE },
    { name: 'c', schema: DOUBLE },
  ],
  { name: 'io.debezium.data.geometry.Line', version: 1, doc: 'Geometry (LINE)' },
)

/** The codecs of PostgreSQL's own geometric types, by type name. In the reference all but points are optional, also where NOT NULL. */
export const geometricCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['point', codec(POINT_SCHEMA, ([x, y]) => point([x!, y!]), point([0, 0]))],
  ['box', codec(optional(GEOMETRY_SCHEMA), box, box([0, 0, 1, 1]))],
  ['lseg', codec(optional(GEOMETRY_SCHEMA), (numbers) => line(numbers, 'lseg'), line([0, 0, 1, 0], 'lseg'))],
  ['path', codec(optional(GEOMETRY_SCHEMA), path, line([0, 0, 1, 0], 'path'))],
  ['polygon', codec(optional(GEOMETRY_SCHEMA), polygon, polygon([0, 0, 1, 0, 0, 1]))],
  [
    'circle',
    codec(
      optional(CIRCLE_SCHEMA),
      ([x, y, radius]) => new ValueStruct(CIRCLE_SCHEMA, [point([x!, y!]), radius!]),
      new ValueStruct(CIRCLE_SCHEMA, [point([0, 0]), 0]),
    ),
  ],
  // A line with A and B both 0 does not exist.
  [
    'line',
    codec(
      optional(LINE_SCHEMA),
      (abc) => new ValueStruct(LINE_SCHEMA, abc),
      new ValueStruct(LINE_SCHEMA, [0, 1, 0]),
    ),
  ],
])

function codec(
  schema: Schema,
  build: (numbers: readonly number[], text: string) => ConnectValue,
  zero: ConnectValue,
): ValueCodec {
  return {
    schema,
    decode: (bytes, start, end) => {
      const text = bytes.toString('latin1', start, end)
      return build(numbersIn(text), text)
    },
    zero,
    placeholder: null,
  }
}

/** All geometric texts are numbers with brackets and commas between them. */
function numbersIn(text: string): readonly number[] {
  return text
    .split(/[^0-9a-zA-Z.+-]+/)
    .filter((part) => part !== '')
    .map(Number)
}

function positions(numbers: readonly number[]): Position[] {
  const result: Position[] = []
  for (let i = 0; i + 1 < numbers.length; i += 2) result.push([numbers[i]!, numbers[i + 1]!])
  return result
}

function point(position: Position): ValueStruct {
  return new ValueStruct(POINT_SCHEMA, [position[0], position[1], wellKnownBinary(1, [position]), null])
}

function geometry(wkb: Buffer, extensions: ReadonlyMap<string, string>): ValueStruct {
  return new ValueStruct(GEOMETRY_SCHEMA, [wkb, null, extensions])
}

/** The corners as a closed ring, from the first one round by way of its x. */
function box(numbers: readonly number[]): ValueStruct {
  const [x1, y1, x2, y2] = numbers as [number, number, number, number]
  const ring: Position[] = [
    [x1, y1],
    [x1, y2],
    [x2, y2],
    [x2, y1],
    [x1, y1],
  ]
  return geometry(wellKnownBinary(3, ring), new Map([['type', 'box']]))
}

function line(numbers: readonly number[], type: string): ValueStruct {
  return geometry(wellKnownBinary(2, positions(numbers)), new Map([['type', type]]))
}

function path(numbers: readonly number[], text: string): ValueStruct {
  const extensions = new Map([
    ['type', 'path'],
    ['closed', String(text.startsWith('('))],
  ])
  return geometry(wellKnownBinary(2, positions(numbers)), extensions)
}

function polygon(numbers: readonly number[]): ValueStruct {
  const ring = positions(numbers)
  const first = ring[0]
  const last = ring.at(-1)
  if (first !== undefined && last !== undefined && (first[0] !== last[0] || first[1] !== last[1])) {
    ring.push(first)
  }
  return geometry(wellKnownBinary(3, ring), new Map([['type', 'polygon']]))
}

/** Little-endian WKB of a point (1), a line string (2) or a polygon of one ring (3). */
function wellKnownBinary(type: 1 | 2 | 3, all: readonly Position[]): Buffer {
  const counts = type === 1 ? 0 : type === 2 ? 1 : 2
  const wkb = Buffer.alloc(5 + 4 * counts + 16 * all.length)
  wkb[0] = 1
  wkb.writeUInt32LE(type, 1)
  let at = 5
  if (type === 3) at = wkb.writeUInt32LE(1, at)
  if (type !== 1) at = wkb.writeUInt32LE(all.length, at)
  for (const [x, y] of all) {
    at = wkb.writeDoubleLE(x, at)
    at = wkb.writeDoubleLE(y, at)
  }
  return wkb
}
