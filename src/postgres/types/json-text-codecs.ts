import { ByteWriter } from '../../api/byte-writer.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import { primitiveSchema, type Schema } from '../../api/schema.ts'
import { parseNested, type NestedTexts } from './array-codec.ts'
import { hstoreJson } from './hstore-codec.ts'
import { moneyCodec } from './numeric-codecs.ts'
import type { Placeholder } from './placeholder.ts'
import { jsonValueWriter, type ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const NINE = 0x39

/** The schema of a value that is JSON itself: a string to whoever does not know its name. */
function jsonSchema(kind: 'number' | 'document' | 'array'): Schema {
  return primitiveSchema('string', { name: LOGICAL.json, version: 1, parameters: { kind } })
}

/** `value.numeric.form=number`: all digits as they are. NaN and infinities are no numbers in JSON. */
export const numericNumberCodec: ValueCodec = {
  schema: jsonSchema('number'),
  decode: (bytes, start, end) => (isFinite(bytes, end) ? bytes.toString('latin1', start, end) : null),
  writeJson: (bytes, start, end, out) => {
    if (!isFinite(bytes, end)) return false
    out.copy(bytes, start, end)
    return true
  },
  zero: '0',
  placeholder: null,
}

/** `NaN` and `Infinity` end in a letter. */
function isFinite(bytes: Buffer, end: number): boolean {
  return bytes[end - 1]! <= NINE
}

export function moneyNumberCodec(modes: ValueModes): ValueCodec {
  const text = moneyCodec({ ...modes, decimalHandlingMode: 'string' })
  const { schema: _string, ...more } = text
  return { ...more, schema: jsonSchema('number') }
}

/** `value.json.form=object`. Lines end only inside of no string, so that a space can stand for what ends them. */
export function jsonDocumentCodec(placeholder: Placeholder): ValueCodec {
  return {
    schema: jsonSchema('document'),
    decode: (bytes, start, end) => bytes.toString('utf8', start, end).replaceAll(/[\r\n]/g, ' '),
    writeJson: (bytes, start, end, out) => {
      const from = out.position
      out.copy(bytes, start, end)
      for (let i = from; i < out.position; i++) {
        if (out.bytes[i] === LINE_FEED || out.bytes[i] === CARRIAGE_RETURN) out.bytes[i] = SPACE
      }
      return true
    },
    zero: '{}',
    placeholder: JSON.stringify(placeholder.text),
  }
}

/** `value.hstore.form=object` */
export function hstoreObjectCodec(placeholder: Placeholder): ValueCodec {
  return {
    schema: jsonSchema('document'),
    decode: (bytes, start, end) => hstoreJson(bytes.toString('utf8', start, end)),
    zero: '{}',
    placeholder: JSON.stringify(placeholder.text),
  }
}

/** `value.array.form=nested`: arrays of any number of dimensions, which no schema of Connect can tell. */
export function nestedArrayCodec(element: ValueCodec, placeholder: Placeholder): ValueCodec {
  const write = jsonValueWriter(element, 'base64')
  const writeAll = (values: NestedTexts, out: ByteWriter): boolean => {
    let separator = '['
    for (const value of values) {
      out.utf8(separator)
      separator = ','
      if (value === null) out.utf8('null')
      else if (typeof value === 'string') {
        const own = Buffer.from(value)
        if (!write(own, 0, own.length, out)) return false
      } else if (!writeAll(value, out)) return false
    }
    out.utf8(values.length === 0 ? '[]' : ']')
    return true
  }
  return {
    schema: jsonSchema('array'),
    decode: (bytes, start, end) => {
      const out = new ByteWriter(2 * (end - start) + 16)
      const isWhole = writeAll(parseNested(bytes.toString('utf8', start, end)), out)
      return isWhole ? out.bytes.toString('utf8', 0, out.position) : null
    },
    zero: '[]',
    placeholder: JSON.stringify(placeholder.text),
  }
}
