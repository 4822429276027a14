import type { TaskLogger } from '../../api/source-task.ts'
import type { Relation } from '../catalog/relation.ts'
import type { UnrepresentableReport } from '../types/column-codec.ts'

/**
 * Warns of values that become null: of a column's first, tenth, hundredth, …, so that a bad column of a large table
 * neither fills the log nor goes unnoticed. Never shows a value.
 */
export function unrepresentableReport({ schema, table }: Relation, log: TaskLogger): UnrepresentableReport {
  const counts = new Map<string, number>()
  return (column, reason) => {
    const values = (counts.get(column) ?? 0) + 1
    counts.set(column, values)
    if (!/^10*$/.test(String(values))) return
    log.warn(
      { schema, table, column, values, reason },
      'a value was written as null, as event.converting.failure.handling.mode has it',
    )
  }
}
