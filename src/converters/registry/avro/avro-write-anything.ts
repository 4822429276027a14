import { DataError } from '../../../api/errors.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { ANYTHING } from './avro-anything.ts'
import { writeByte, writeBytes, writeDouble, writeInt, writeLong, writeText } from './avro-binary.ts'
import type { AvroWrite } from './avro-write.ts'

/** Data without a schema: the field of `Anything` that its type says, all others null. */
export const writeAnything: AvroWrite = (value, out) => {
  const field = anythingField(value)
  for (let index = 0; index < field.index; index++) writeByte(0, out)
  if (field.index < ANYTHING.fields!.length) {
    writeInt(1, out)
    field.write(value, out)
  }
  for (let index = field.index + 1; index < ANYTHING.fields!.length; index++) writeByte(0, out)
}

function anythingField(value: ConnectValue): { index: number; write: AvroWrite } {
  const at = (name: string, write: AvroWrite) => ({
    index: ANYTHING.fields!.findIndex((field) => field.name === name),
    write,
  })
  if (value === null) return { index: ANYTHING.fields!.length, write: writeAnything }
  if (typeof value === 'boolean') return at('boolean', (v, out) => writeByte(v === true ? 1 : 0, out))
  if (typeof value === 'number') return at('double', (v, out) => writeDouble(v as number, out))
  if (typeof value === 'string') return at('string', (v, out) => writeText(v as string, out))
  if (value instanceof Uint8Array) return at('bytes', (v, out) => writeBytes(v as Uint8Array, out))
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw noSchemaless(value)
    return at('long', (v, out) => writeLong(v as bigint, out))
  }
  if (Array.isArray(value)) {
    return at('array', (list, out) => {
      const items = list as readonly ConnectValue[]
      if (items.length > 0) writeInt(items.length, out)
      for (const item of items) writeAnything(item, out)
      writeByte(0, out)
    })
  }
  if (value instanceof Map) {
    return at('map', (map, out) => {
      const entries = map as ReadonlyMap<ConnectValue, ConnectValue>
      if (entries.size > 0) writeInt(entries.size, out)
      for (const [key, entry] of entries) {
        writeAnything(key, out)
        writeAnything(entry, out)
      }
      writeByte(0, out)
    })
  }
  throw noSchemaless(value)
}

function noSchemaless(value: ConnectValue): DataError {
  const given = typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value
  return new DataError('connect.data-invalid', `Avro has no place for data without a schema of type ${given}`)
}
