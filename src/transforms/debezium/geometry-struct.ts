import { fieldIndex, type Schema } from '../../api/schema.ts'
import { ValueStruct, type Struct } from '../../api/struct.ts'

/** Whether a schema is that of Debezium's geometries: structs of bytes in WKB or EWKB and an SRID. */
export function isGeometry({ name }: Schema): boolean {
  return name === 'io.debezium.data.geometry.Geometry'
}

/** The geometry with other bytes. @param change gets its SRID, null where it has none, and gives null to leave it as it is */
export function withWkb(
  struct: Struct,
  change: (wkb: Uint8Array, srid: number | null) => Uint8Array | null,
): Struct {
  const { schema } = struct
  const [sridAt, wkbAt] = [fieldIndex(schema, 'srid'), fieldIndex(schema, 'wkb')]
  const srid = sridAt < 0 ? null : struct.at(sridAt)
  const wkb = wkbAt < 0 ? null : struct.at(wkbAt)
  if (!(wkb instanceof Uint8Array)) return struct
  const changed = change(wkb, typeof srid === 'number' ? srid : null)
  if (changed === null) return struct
  const values = schema.fields!.map((_field, i) => struct.at(i))
  return new ValueStruct(schema, values.with(wkbAt, changed))
}
