/** A column as the catalog and pgoutput's Relation message describe it together. */
export interface Column {
  readonly name: string
  readonly typeOid: number
  /** `atttypmod`: length, precision and scale in the type's own encoding; -1 without. */
  readonly typeModifier: number
  readonly type: ColumnType
  readonly notNull: boolean
  /** `pg_get_expr` of the default, or of what a generated column is computed by; or null. */
  readonly defaultExpression: string | null
  readonly isGenerated: boolean
  /** Part of the replica identity, as pgoutput flags it. */
  readonly isIdentity: boolean
  readonly comment: string | null
}

/** A row of `pg_type`, resolved as far as values need it. */
export interface ColumnType {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `pg_type.typtype`: base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'p' | 'r' | 'm'
  /** The element type of an array type. */
  readonly element: ColumnType | null
  /** The type under a domain, with the modifier that the domain fixes. */
  readonly base: { readonly type: ColumnType; readonly typeModifier: number } | null
  /** The labels of an enum in their order; empty otherwise. */
  readonly enumLabels: readonly string[]
  /** The attributes of a composite type in their order; empty otherwise. */
  readonly attributes: readonly TypeAttribute[]
}

export interface TypeAttribute {
  readonly name: string
  readonly type: ColumnType
  readonly typeModifier: number
}

/** One version of a table: a new object whenever pgoutput announces a changed definition. */
export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly columns: readonly Column[]
  /** `pg_class.relreplident`: default, nothing, full, index. */
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  /**
   * Indexes into `columns` of the record's key: the primary key, else the first usable unique index, else empty
   * (the record has no key).
   */
  readonly keyColumns: readonly number[]
}
