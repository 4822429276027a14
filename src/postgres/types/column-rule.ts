import { hash } from 'node:crypto'
import type { ConnectValue } from '../../api/value.ts'
import type { Column } from '../catalog/relation.ts'
import type { ColumnCodec } from './column-codec.ts'
import { columnLength, sourceTypeParameters } from './source-type.ts'
import type { ValueCodec } from './value-codec.ts'

/** What an option says about single columns. The first one that names a column counts, as in the reference. */
export type ColumnRule =
  | { readonly kind: 'truncate'; readonly length: number }
  | { readonly kind: 'mask'; readonly length: number }
  | { readonly kind: 'hash'; readonly version: 1 | 2; readonly algorithm: string; readonly salt: string }
  | { readonly kind: 'source-type' }

/** The codec of a column in rows (not in keys, which must go on telling rows apart) under a rule. */
export function applyColumnRule(codec: ColumnCodec, column: Column, rule: ColumnRule): ColumnCodec {
  if (rule.kind === 'source-type') return withParameters(codec, sourceTypeParameters(column))
  const length = columnLength(column)
  if (rule.kind === 'truncate') {
    if (length <= rule.length) return codec
    return withParameters(truncated(codec, rule.length), { truncateLength: String(rule.length) })
  }
  return withParameters(hidden(codec, rule, length), { masked: 'true' })
}

/** Numbers, times and the like have no text that could be replaced: the schema alone tells of the rule. */
function hidden(
  codec: ColumnCodec,
  rule: Extract<ColumnRule, { kind: 'mask' | 'hash' }>,
  length: number,
): ColumnCodec {
  if (codec.value.schema.type !== 'string') return codec
  if (rule.kind === 'mask') return masked(codec, '*'.repeat(rule.length))
  return mapped(codec, (value) =>
    typeof value === 'string' ? hashText(value, rule).slice(0, length) : value,
  )
}

/** Texts, and what of bytea is bytes. */
function truncated(codec: ColumnCodec, length: number): ColumnCodec {
  const { type, name } = codec.value.schema
  if (type === 'string') {
    return mapped(codec, (value) => (typeof value === 'string' ? truncate(value, length) : value))
  }
  if (type !== 'bytes' || name !== undefined) return codec
  return mapped(codec, (value) => (value instanceof Uint8Array ? value.subarray(0, length) : value))
}

/**
 * Salted, in lower-case hexadecimal. Version 1 hashes the text as Java serializes it (a stream header, a type, a length,
 * the characters), version 2 its UTF-8.
 */
export function hashText(text: string, rule: Extract<ColumnRule, { kind: 'hash' }>): string {
  const bytes = rule.version === 1 ? serializedByJava(text) : Buffer.from(text)
  const algorithm = rule.algorithm.replace(/^SHA-(?=\d+$)/i, 'sha').replace(/^SHA-512\//i, 'sha512-')
  return hash(algorithm.toLowerCase(), Buffer.concat([Buffer.from(rule.salt), bytes]), 'hex')
}

function withParameters(codec: ColumnCodec, parameters: Readonly<Record<string, string>>): ColumnCodec {
  const { schema } = codec
  return { ...codec, schema: { ...schema, parameters: { ...schema.parameters, ...parameters } } }
}

/** Every value is the same, null too: whether there is one is not told either, as in the reference. */
function masked(codec: ColumnCodec, text: string): ColumnCodec {
  const json = Buffer.from(JSON.stringify(text))
  const value: ValueCodec = {
    ...codec.value,
    decode: () => text,
    writeJson: (_bytes, _start, _end, out) => {
      out.copy(json, 0, json.length)
      return true
    },
    zero: text,
    placeholder: text,
  }
  return { ...codec, value, nullValue: text }
}

/** Values go through a function; the placeholder of what was not sent stays, so that it can be told. */
function mapped(codec: ColumnCodec, map: (value: ConnectValue) => ConnectValue): ColumnCodec {
  const { writeJson: _own, writeNumericJson: _numeric, ...plain } = codec.value
  return {
    ...codec,
    value: { ...plain, decode: (bytes, start, end) => map(codec.value.decode(bytes, start, end)) },
    nullValue: map(codec.nullValue),
  }
}

/** Counted in UTF-16 units; a character of two is not cut in half. */
function truncate(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)
}

function serializedByJava(text: string): Buffer {
  const units: number[] = []
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Java's own UTF-8: zero takes two bytes, and each half of a pair its three.
    if (unit > 0 && unit < 0x80) units.push(unit)
    else if (unit < 0x800) units.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else units.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  const isLong = units.length > 0xffff
  const header = Buffer.alloc(isLong ? 13 : 7)
  header.writeUInt32BE(0xaced0005, 0)
  header[4] = isLong ? 0x7c : 0x74
  if (isLong) header.writeBigUInt64BE(BigInt(units.length), 5)
  else header.writeUInt16BE(units.length, 5)
  return Buffer.concat([header, Buffer.from(units)])
}
