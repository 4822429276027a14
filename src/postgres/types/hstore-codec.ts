import { DataError } from '../../api/errors.ts'
import { JavaKeyOrder } from '../../api/java/java-key-order.ts'
import { primitiveSchema } from '../../api/schema.ts'
import type { Placeholder } from './placeholder.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

/** hstore: a string that holds a JSON object, or a map. */
export function hstoreCodec(mode: ValueModes['hstoreHandlingMode'], placeholder: Placeholder): ValueCodec {
  const unavailable = new Map([[placeholder.text, placeholder.text]])
  if (mode === 'map') {
    return {
      schema: {
        type: 'map',
        optional: false,
        keySchema: primitiveSchema('string'),
        valueSchema: primitiveSchema('string', { optional: true }),
      },
      decode: (bytes, start, end) => inJavaOrder(parseHstore(bytes.toString('utf8', start, end))),
      zero: new Map(),
      placeholder: unavailable,
    }
  }
  return {
    schema: primitiveSchema('string', { name: 'io.debezium.data.Json', version: 1 }),
    decode: (bytes, start, end) => jsonObject(inJavaOrder(parseHstore(bytes.toString('utf8', start, end)))),
    zero: '{}',
    placeholder: jsonObject(unavailable),
  }
}

/** The reference's driver keeps the keys in a map of Java, which has an order of its own. */
function inJavaOrder(map: ReadonlyMap<string, string | null>): ReadonlyMap<string, string | null> {
  if (map.size < 2) return map
  return new Map(new JavaKeyOrder().of(map.keys()).map((key) => [key, map.get(key) ?? null]))
}

/** The JSON object of an hstore's text. */
export function hstoreJson(text: string): string {
  return jsonObject(parseHstore(text))
}

function jsonObject(map: ReadonlyMap<string, string | null>): string {
  return `{${[...map].map(([key, value]) => `${jsonString(key)}:${jsonString(value)}`).join(',')}}`
}

/** Jackson writes the hexadecimal digits of an escape in upper case. */
function jsonString(text: string | null): string {
  return JSON.stringify(text).replaceAll(/\\(u00..|.)/g, (escape, what: string) =>
    what.length > 1 ? `\\u00${what.slice(3).toUpperCase()}` : escape,
  )
}

/** Parses `"a"=>"1", "b c"=>NULL`. PostgreSQL quotes all keys and all values but NULL. */
function parseHstore(text: string): Map<string, string | null> {
  const map = new Map<string, string | null>()
  const entry = /"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)(?:, |$)/sy
  while (entry.lastIndex < text.length) {
    const at = entry.lastIndex
    const match = entry.exec(text)
    if (match === null) {
      throw new DataError('postgres.value-malformed', `Not an hstore at character ${at}`)
    }
    map.set(unescape(match[1]!), match[2] === undefined ? null : unescape(match[2]))
  }
  return map
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, '$1')
}
