import { DataError } from '../../api/errors.ts'
import { optional, structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ValueCodec } from './value-codec.ts'

export interface CompositeAttribute {
  readonly name: string
  readonly value: ValueCodec
}

/** `value.composite.form=struct`: a row of its own. Every attribute may be null. */
export function compositeCodec(name: string, attributes: readonly CompositeAttribute[]): ValueCodec {
  const schema = structSchema(
    attributes.map(({ name, value }) => ({ name, schema: optional(value.schema) })),
    { name, version: 1 },
  )
  return {
    schema,
    decode: (bytes, start, end) => {
      const texts = parseComposite(bytes.toString('utf8', start, end))
      if (texts.length !== attributes.length) {
        throw new DataError(
          'postgres.value-malformed',
          `The composite type ${name} has ${attributes.length} attributes, and the value ${texts.length}`,
        )
      }
      const values = texts.map((text, i) => {
        if (text === null) return null
        const own = Buffer.from(text)
        return attributes[i]!.value.decode(own, 0, own.length)
      })
      return new ValueStruct(schema, values)
    },
    zero: new ValueStruct(
      schema,
      attributes.map(() => null),
    ),
    placeholder: null,
  }
}

/** The texts of `(1,"a ""b""",)`: nothing at all is null, quotes are doubled or escaped. */
export function parseComposite(text: string): (string | null)[] {
  const attribute = /([(,])(?:"((?:[^"\\]|\\.|"")*)"|([^,()"\\]*))/sy
  const texts: (string | null)[] = []
  let end = 0
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    const [, , quoted, plain] = match
    end = attribute.lastIndex
    if (quoted === undefined) texts.push(plain === '' ? null : plain!)
    else texts.push(quoted.replaceAll(/\\(.)|""/gs, (_, escaped: string | undefined) => escaped ?? '"'))
  }
  if (text.slice(end) !== ')') {
    throw new DataError('postgres.value-malformed', `Not a composite value at character ${end}`)
  }
  // A type without attributes.
  return text === '()' ? [] : texts
}
