import { compilePatterns } from '../../api/java/java-pattern.ts'
import { quoteIdentifier } from '../wire/sql-text.ts'

/** What `replica.identity.autoset.values` asks for. */
export interface WantedIdentity {
  /** `pg_class.relreplident`. */
  readonly kind: 'd' | 'n' | 'f' | 'i'
  /** With `i`. */
  readonly index: string | null
  /** What follows `ALTER TABLE … REPLICA IDENTITY`. */
  readonly clause: string
}

const ENTRY = /^\s*(.+):\s*(DEFAULT|NOTHING|FULL|INDEX\s+(\S+))\s*$/i

/** The identity for a table, or null where nothing is said; the first entry that names it counts. */
export function replicaIdentities(text: string): (schema: string, table: string) => WantedIdentity | null {
  const entries = splitEntries(text).flatMap((entry) => {
    const match = ENTRY.exec(entry)
    if (match === null) return []
    return [{ patterns: compilePatterns(match[1]!), wanted: wantedIdentity(match[2]!, match[3]) }]
  })
  return (schema, table) =>
    entries.find(({ patterns }) => patterns.some((pattern) => pattern.matches(`${schema}.${table}`)))
      ?.wanted ?? null
}

/** Whether an entry can be understood. */
export function isIdentity(entry: string): boolean {
  return ENTRY.test(entry)
}

function splitEntries(text: string): readonly string[] {
  return text.split(',').filter((entry) => entry.trim() !== '')
}

function wantedIdentity(words: string, index: string | undefined): WantedIdentity {
  if (index !== undefined) return { kind: 'i', index, clause: `USING INDEX ${quoteIdentifier(index)}` }
  const clause = words.toUpperCase()
  const kind = clause === 'DEFAULT' ? 'd' : clause === 'NOTHING' ? 'n' : 'f'
  return { kind, index: null, clause }
}
