import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { bytesOf, dateOf, mismatch, textOf } from '../connect-values.ts'
import { writeByte, writeInt, writeLong } from './avro-binary.ts'
import { PARAMETER } from './avro-names.ts'
import type { AvroSchema } from './avro-schema.ts'
import type { AvroWrite } from './avro-write.ts'

const MS_PER_DAY = 86_400_000

export function enumWrite(schema: Schema, avro: AvroSchema): AvroWrite {
  const ordinals = new Map(avro.symbols!.map((symbol, index) => [symbol, index]))
  const name = schema.parameters?.[PARAMETER.enum] ?? schema.name
  return (value, out) => {
    const symbol = textOf(schema, value)
    const ordinal = ordinals.get(symbol)
    if (ordinal === undefined) {
      throw new DataError('connect.data-invalid', `"${symbol}" is no symbol of enum ${name ?? avro.name}`)
    }
    writeInt(ordinal, out)
  }
}

export function fixedWrite(schema: Schema, avro: AvroSchema): AvroWrite {
  const size = avro.size!
  return (value, out) => {
    const bytes = bytesOf(schema, value)
    const isDecimal = value instanceof Decimal
    if (isDecimal ? bytes.length > size : bytes.length !== size) {
      throw new DataError('connect.data-invalid', `${bytes.length} bytes do not fit a fixed type of ${size}`)
    }
    const sign = isDecimal && value.unscaled < 0n ? 0xff : 0
    for (let i = bytes.length; i < size; i++) writeByte(sign, out)
    out.copy(bytes, 0, bytes.length)
  }
}

export function integerWrite(schema: Schema): AvroWrite {
  if (schema.name === LOGICAL.date) {
    return (value, out) => writeInt(Math.floor(dateOf(schema, value) / MS_PER_DAY), out)
  }
  if (schema.name === LOGICAL.time || schema.name === LOGICAL.timestamp) {
    return (value, out) => writeInt(dateOf(schema, value), out)
  }
  return (value, out) => {
    if (typeof value === 'number') writeInt(value, out)
    else if (typeof value === 'bigint') writeLong(value, out)
    else throw mismatch(schema, value)
  }
}
