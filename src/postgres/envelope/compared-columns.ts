import { isDeepStrictEqual } from 'node:util'
import { columnValue, type ColumnCodec } from '../types/column-codec.ts'
import type { Tuple } from '../wire/tuple.ts'
import type { Relation } from '../catalog/relation.ts'
import { isDifferent } from './key-change-emitter.ts'
import type { RelationSchemas } from './relation-schemas.ts'

/** Tells whether an update changed anything that its record shows. */
export class ComparedColumns {
  readonly #columns: readonly number[]
  /** Those whose masks, hashes and cuts may show the same for two values. */
  readonly #altered: readonly ColumnCodec[]

  /** The key counts as PostgreSQL has it: a row that moves is always told. */
  constructor({ keyColumns }: Relation, { rowCodecs, alteredColumns }: RelationSchemas) {
    const shown = rowCodecs.filter(({ index }) => !alteredColumns.has(index))
    this.#columns = [...keyColumns, ...shown.map(({ index }) => index)]
    this.#altered = rowCodecs.filter(({ index }) => alteredColumns.has(index))
  }

  /** @param before the old row, which is all there */
  areUnchanged(before: Tuple, after: Tuple): boolean {
    if (this.#columns.some((index) => isDifferent(before, after, index))) return false
    return this.#altered.every(
      (codec) =>
        !isDifferent(before, after, codec.index) ||
        isDeepStrictEqual(columnValue(codec, before, null), columnValue(codec, after, before)),
    )
  }
}
