import type { Cursor } from '../cursor.ts'
import { ProtocolError } from '../protocol-error.ts'

/** `R`: how the rows that follow are laid out. Sent before the first change of a table and after each change of it. */
export interface RelationMessage {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  readonly columns: readonly RelationMessageColumn[]
}

export interface RelationMessageColumn {
  readonly name: string
  readonly typeOid: number
  readonly typeModifier: number
  readonly isIdentity: boolean
}

export function readRelation(cursor: Cursor): RelationMessage {
  const oid = cursor.uint32()
  const schema = cursor.text()
  const table = cursor.text()
  const identity = String.fromCharCode(cursor.uint8())
  if (identity !== 'd' && identity !== 'n' && identity !== 'f' && identity !== 'i') {
    throw new ProtocolError(`the replica identity "${identity}"`)
  }
  const columns = Array.from({ length: cursor.uint16() }, () => ({
    isIdentity: (cursor.uint8() & 1) === 1,
    name: cursor.text(),
    typeOid: cursor.uint32(),
    typeModifier: cursor.int32(),
  }))
  // pgoutput leaves the name of pg_catalog out.
  return { oid, schema: schema === '' ? 'pg_catalog' : schema, table, replicaIdentity: identity, columns }
}
