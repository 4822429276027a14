import type { Relation } from '../catalog/relation.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../wire/sql-text.ts'

/** Types whose texts are the same in PostgreSQL, in a record's key and in a document's id; and which texts they have. */
const TYPES: Readonly<Record<string, { readonly as: string; readonly has: (text: string) => boolean }>> = {
  int2: { as: 'int2', has: isIntegerOf(16) },
  int4: { as: 'int4', has: isIntegerOf(32) },
  int8: { as: 'int8', has: isIntegerOf(64) },
  text: { as: 'text', has: isText },
  varchar: { as: 'text', has: isText },
  uuid: { as: 'uuid', has: (text) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text) },
}

/**
 * Reads the rows of a table whose key is one of these, by the index of the key. Null: its keys cannot be asked for by
 * their texts.
 *
 * @param columns the places of the key's columns
 */
export function keyedRows(
  { schema, table, columns: all }: Relation,
  columns: readonly number[],
  {
    keys,
    isPartitioned,
    isUtf8,
  }: {
    readonly keys: readonly (readonly string[])[]
    readonly isPartitioned: boolean
    /** The database can hold any text. */
    readonly isUtf8: boolean
  },
): string | null {
  const keyed = columns.map((place) => all[place]!)
  // A document of a key with a null in it would be taken for one without a row.
  if (keyed.some(({ notNull }) => !notNull)) return null
  const types = keyed.map(({ type }) => (type.schema === 'pg_catalog' ? TYPES[type.name] : undefined))
  if (types.length === 0 || types.includes(undefined)) return null
  if (!isUtf8 && types.some((type) => type!.as === 'text')) return null
  // A text that the type does not have is no row's; the server would refuse the whole statement for it.
  const possible = keys.filter((key) => key.every((text, i) => types[i]!.has(text)))
  const arrays = types.map(
    (type, i) => `${quoteLiteral(arrayText(possible.map((key) => key[i]!)))}::pg_catalog.${type!.as}[]`,
  )
  const names = keyed.map(({ name }) => quoteIdentifier(name))
  const condition =
    names.length === 1
      ? `${names[0]!} = ANY (${arrays[0]!})`
      : `(${names.join(', ')}) IN (SELECT * FROM unnest(${arrays.join(', ')}))`
  return `SELECT * FROM ${isPartitioned ? '' : 'ONLY '}${quoteTable(schema, table)} WHERE ${condition}`
}

function isIntegerOf(bits: number): (text: string) => boolean {
  return (text) => {
    if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return false
    const value = BigInt(text)
    return BigInt.asIntN(bits, value) === value
  }
}

/** PostgreSQL has no text with a zero character, and none that is no Unicode. */
function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** An array of texts as PostgreSQL reads it: `{"a","b"}`. */
function arrayText(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}
