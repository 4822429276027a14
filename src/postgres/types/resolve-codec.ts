import { primitiveSchema, type Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ColumnType } from '../catalog/relation.ts'
import { arrayCodec } from './array-codec.ts'
import { bitsCodec, byteaCodec } from './binary-codecs.ts'
import { compositeCodec } from './composite-codec.ts'
import { float32Codec, float64Codec } from './float-codecs.ts'
import { geometricCodecs } from './geometric-codecs.ts'
import { hstoreCodec } from './hstore-codec.ts'
import { isoCodecs } from './iso-codecs.ts'
import { intervalCodec } from './interval-codec.ts'
import {
  hstoreObjectCodec,
  jsonDocumentCodec,
  moneyNumberCodec,
  nestedArrayCodec,
  numericNumberCodec,
} from './json-text-codecs.ts'
import { moneyCodec, numericCodec } from './numeric-codecs.ts'
import { createPlaceholder, type Placeholder } from './placeholder.ts'
import { booleanCodec, int16Codec, int32Codec, int64Codec, textCodec } from './scalar-codecs.ts'
import { dateCodec, timeCodec, timestampCodec } from './temporal-codecs.ts'
import { postgisCodecs } from './postgis-codecs.ts'
import { structuredCodec } from './structured-temporals.ts'
import type { ValueCodec } from './value-codec.ts'
import { vectorCodecs } from './vector-codecs.ts'
import type { ValueModes } from './value-modes.ts'
import { zonedTimeCodec, zonedTimestampCodec } from './zoned-codecs.ts'

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}

/** Strings with a semantic name; all of them version 1. */
const NAMED_TEXT: ReadonlyMap<string, string> = new Map([
  ['json', 'io.debezium.data.Json'],
  ['jsonb', 'io.debezium.data.Json'],
  ['uuid', 'io.debezium.data.Uuid'],
  ['xml', 'io.debezium.data.Xml'],
  ['tsvector', 'io.debezium.data.Tsvector'],
  ['ltree', 'io.debezium.data.Ltree'],
])

const PLAIN_TEXT: ReadonlySet<string> = words(
  'text varchar bpchar char name citext isbn inet cidr macaddr macaddr8 int4range' +
    ' int8range numrange tsrange tstzrange daterange',
)

/** Arrays of these are left out, as the reference leaves them out. */
const OMITTED_ELEMENTS: ReadonlySet<string> = words(
  'money name interval varbit xml refcursor tsvector point box lseg path polygon circle line',
)

const STRUCTURED: ReadonlyMap<string, ValueCodec> = new Map([
  ...geometricCodecs,
  ...postgisCodecs,
  ...vectorCodecs,
])

const TEXT_ARRAYS: ReadonlySet<string> = words('text varchar bpchar json jsonb')

/**
 * The codec of a type with its modifier, or null where the reference leaves such columns out (composites, multiranges,
 * unknown extension types) and `include.unknown.datatypes` does not ask for them.
 */
export function resolveCodec(type: ColumnType, typeModifier: number, modes: ValueModes): ValueCodec | null {
  const placeholder = createPlaceholder(modes.unavailableValuePlaceholder)
  return (
    knownCodec(type, typeModifier, modes, placeholder) ??
    (modes.includeUnknownDatatypes ? unknownCodec(type, modes, placeholder) : null)
  )
}

/** Elements of unknown types are opaque one by one; arrays of what is omitted stay omitted, as in the reference. */
function unknownCodec(type: ColumnType, modes: ValueModes, placeholder: Placeholder): ValueCodec | null {
  const opaque = opaqueCodec(modes, placeholder)
  if (type.element === null) return opaque
  if (OMITTED_ELEMENTS.has(type.element.name)) return null
  return arrayCodec(opaque, { isElementOptional: true, placeholder: null })
}

function knownCodec(
  type: ColumnType,
  typeModifier: number,
  modes: ValueModes,
  placeholder: Placeholder,
): ValueCodec | null {
  if (type.base !== null) return domainCodec(type.base, modes, placeholder)
  if (type.element !== null) return arrayOf(type.element, typeModifier, modes, placeholder)
  if (type.kind === 'c' && modes.compositeForm === 'struct') return compositeOf(type, modes, placeholder)
  if (type.kind === 'e') {
    return textCodec(placeholder.text, {
      name: 'io.debezium.data.Enum',
      version: 1,
      parameters: { allowed: type.enumLabels.join(',') },
    })
  }
  // Multiranges and composites have names that users choose.
  if (type.kind !== 'b' && !PLAIN_TEXT.has(type.name)) return null
  return formCodec(type.name, modes, placeholder) ?? baseCodec(type.name, typeModifier, modes, placeholder)
}

/** The forms that go past the reference's, where they are asked for. */
function formCodec(name: string, modes: ValueModes, placeholder: Placeholder): ValueCodec | null {
  switch (name) {
    case 'numeric':
      return modes.numericForm === 'number' ? numericNumberCodec : null
    case 'money':
      return modes.numericForm === 'number' ? moneyNumberCodec(modes) : null
    case 'date':
    case 'time':
    case 'timestamp':
      return modes.timeForm === 'iso' ? isoCodecs.get(name)! : null
    case 'json':
    case 'jsonb':
      return modes.jsonForm === 'object' ? jsonDocumentCodec(placeholder) : null
    case 'hstore':
      return modes.hstoreForm === 'object' ? hstoreObjectCodec(placeholder) : null
    default:
      return null
  }
}

/** Attributes of types that are not known are their text. */
function compositeOf(type: ColumnType, modes: ValueModes, placeholder: Placeholder): ValueCodec {
  return compositeCodec(
    `${type.schema}.${type.name}`,
    type.attributes.map((attribute) => ({
      name: attribute.name,
      value:
        knownCodec(attribute.type, attribute.typeModifier, modes, placeholder) ?? textCodec(placeholder.text),
    })),
  )
}

/** The modifier that counts is the one nearest to the column: a domain may leave it to the domain below it. */
function domainCodec(
  base: NonNullable<ColumnType['base']>,
  modes: ValueModes,
  placeholder: Placeholder,
): ValueCodec | null {
  let { type, typeModifier } = base
  while (type.base !== null) {
    if (typeModifier < 0) ({ typeModifier } = type.base)
    ;({ type } = type.base)
  }
  return knownCodec(type, typeModifier, modes, placeholder)
}

function baseCodec(
  name: string,
  typeModifier: number,
  modes: ValueModes,
  placeholder: Placeholder,
): ValueCodec | null {
  const precision = typeModifier < 0 ? 6 : typeModifier
  switch (name) {
    case 'bool':
      return booleanCodec
    case 'int2':
      return int16Codec
    case 'int4':
      return int32Codec
    case 'int8':
    case 'oid':
      return int64Codec
    case 'float4':
      return float32Codec
    case 'float8':
      return float64Codec
    case 'numeric':
      return numericCodec(typeModifier, modes)
    case 'money':
      return moneyCodec(modes)
    case 'date':
      return dateCodec(modes.timePrecisionMode)
    case 'time':
      return timeCodec(modes.timePrecisionMode, precision)
    case 'timestamp':
      return timestampCodec(modes.timePrecisionMode, precision)
    case 'timestamptz':
    case 'timetz':
      if (modes.timePrecisionMode === 'structured') return structuredCodec(name, precision)
      return name === 'timetz' ? zonedTimeCodec : zonedTimestampCodec(precision)
    case 'interval':
      if (modes.timePrecisionMode === 'structured')
        return structuredCodec('interval', intervalPrecision(typeModifier))
      return intervalCodec(modes.intervalHandlingMode)
    case 'bytea':
      return byteaCodec(modes.binaryHandlingMode, placeholder)
    case 'bit':
    case 'varbit':
      return bitsCodec(typeModifier)
    case 'hstore':
      return hstoreCodec(modes.hstoreHandlingMode, placeholder)
    default:
      return textTypeCodec(name, placeholder) ?? STRUCTURED.get(name) ?? null
  }
}

/** The lower half of the modifier; all ones where only fields (`YEAR TO MONTH`) are given. */
function intervalPrecision(typeModifier: number): number {
  const precision = typeModifier & 0xffff
  return typeModifier < 0 || precision === 0xffff ? 6 : precision
}

function textTypeCodec(name: string, placeholder: Placeholder): ValueCodec | null {
  if (PLAIN_TEXT.has(name)) return textCodec(placeholder.text)
  const semanticName = NAMED_TEXT.get(name)
  return semanticName === undefined ? null : textCodec(placeholder.text, { name: semanticName, version: 1 })
}

function arrayOf(
  type: ColumnType,
  typeModifier: number,
  modes: ValueModes,
  placeholder: Placeholder,
): ValueCodec | null {
  const isReference = modes.arrayForm === 'reference'
  if (isReference && (type.base !== null || OMITTED_ELEMENTS.has(type.name))) return null
  const element = knownCodec(type, typeModifier, modes, placeholder)
  if (element === null) return isReference ? null : arrayOfTexts(modes, placeholder)
  if (modes.arrayForm === 'nested') return nestedArrayCodec(element, placeholder)
  return arrayCodec(element, {
    isElementOptional: type.kind !== 'e',
    placeholder: arrayPlaceholder(type.name, element.schema, placeholder),
  })
}

/** Elements of a type that is not known. */
function arrayOfTexts(modes: ValueModes, placeholder: Placeholder): ValueCodec {
  const element = textCodec(placeholder.text)
  if (modes.arrayForm === 'nested') return nestedArrayCodec(element, placeholder)
  return arrayCodec(element, { isElementOptional: true, placeholder: [placeholder.text] })
}

/** Only these arrays have a form of the placeholder; the numbers are the reference's own idea. */
function arrayPlaceholder(element: string, schema: Schema, placeholder: Placeholder): ConnectValue {
  if (TEXT_ARRAYS.has(element)) return [placeholder.text]
  if (element === 'bytea') return [schema.type === 'bytes' ? placeholder.bytes : placeholder.text]
  if (element === 'int4' || (element === 'date' && schema.type === 'int32')) return signedBytes(placeholder)
  if (element === 'int8') return signedBytes(placeholder).map(BigInt)
  if (element === 'uuid') return [placeholder.uuid]
  return null
}

/** As Java has bytes. */
function signedBytes({ bytes }: Placeholder): number[] {
  return [...new Int8Array(bytes)]
}

/** A value of an unknown type: its text as binary. */
function opaqueCodec(modes: ValueModes, placeholder: Placeholder): ValueCodec {
  if (modes.binaryHandlingMode === 'bytes') {
    return {
      schema: primitiveSchema('bytes'),
      decode: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)),
      zero: new Uint8Array(0),
      placeholder: placeholder.bytes,
    }
  }
  const encoding =
    modes.binaryHandlingMode === 'hex'
      ? 'hex'
      : modes.binaryHandlingMode === 'base64'
        ? 'base64'
        : 'base64url'
  return {
    schema: primitiveSchema('string'),
    decode: (bytes, start, end) => bytes.toString(encoding, start, end),
    zero: '',
    placeholder: placeholder.text,
  }
}
