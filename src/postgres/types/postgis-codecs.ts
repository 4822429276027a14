import { structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { GEOMETRY_SCHEMA } from './geometric-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

const GEOGRAPHY_SCHEMA = structSchema(GEOMETRY_SCHEMA.fields!.slice(0, 2), {
  name: 'io.debezium.data.geometry.Geography',
  version: 1,
  doc: 'Geography',
})

/** In the type of an EWKB: the SRID follows. */
const HAS_SRID = 0x20000000

/** The types of PostGIS, by name. Their text is EWKB in hexadecimal. */
export const postgisCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['geometry', ewkbCodec(GEOMETRY_SCHEMA)],
  ['geography', ewkbCodec(GEOGRAPHY_SCHEMA)],
])

function ewkbCodec(schema: Schema): ValueCodec {
  const hasExtensions = schema.fields!.length > 2
  const struct = (wkb: Buffer): ConnectValue =>
    new ValueStruct(schema, [wkb, sridOf(wkb), ...(hasExtensions ? [null] : [])])
  return {
    schema,
    decode: (bytes, start, end) => {
      const wkb = Buffer.from(bytes.toString('latin1', start, end), 'hex')
      return wkb.length < 5 ? null : struct(wkb)
    },
    // An empty collection.
    zero: struct(Buffer.from('010700000000000000', 'hex')),
    placeholder: null,
  }
}

function sridOf(wkb: Buffer): number | null {
  const isLittleEndian = wkb[0] === 1
  const type = isLittleEndian ? wkb.readUInt32LE(1) : wkb.readUInt32BE(1)
  if ((type & HAS_SRID) === 0) return null
  return isLittleEndian ? wkb.readInt32LE(5) : wkb.readInt32BE(5)
}
