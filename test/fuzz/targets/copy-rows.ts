import assert from 'node:assert/strict'
import { CopyRowReader } from '../../../src/postgres/wire/copy-row.ts'
import { ProtocolError } from '../../../src/postgres/wire/protocol-error.ts'
import { Tuple } from '../../../src/postgres/wire/tuple.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const COLUMNS = 3
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Rows are cut into the columns that a plainer way of reading finds. */
export async function open(): Promise<FuzzTarget> {
  const reader = new CopyRowReader()
  const tuple = new Tuple(COLUMNS)
  return {
    seeds: ['1\ta\tb\n', '\\N\t\\N\t\\N\n', '1\t\\\\N\ttab \\t end\n', '\t\t\n', 'é\\n\t\\\\\\\\\t\\N\n'].map(
      (text) => Buffer.from(text),
    ),
    words: ['\\N', '\\\\', '\\t', '\t', '\n', '\\'],
    run(input) {
      const wanted = plainly(input.toString('latin1'))
      let found: (string | null)[] | null = null
      try {
        reader.read(input, 0, input.length, tuple)
        found = Array.from(tuple.starts, (start, i) =>
          start < 0 ? null : tuple.bytes.toString('latin1', start, tuple.ends[i]),
        )
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
      }
      assert.deepEqual(found, wanted)
    },
  }
}

/** Null: the row does not have the columns. */
function plainly(text: string): (string | null)[] | null {
  // A backslash takes the next character with it, were it a tab.
  const parts = text.replace(/\n$/, '').match(/\\[^]|[^]/g) ?? []
  const columns: string[][] = [[]]
  for (const part of parts) {
    if (part === '\t') columns.push([])
    else columns.at(-1)!.push(part)
  }
  if (columns.length !== COLUMNS) return null
  return columns.map((column) => (column.join('') === '\\N' ? null : column.map(unescaped).join('')))
}

function unescaped(part: string): string {
  return part.length === 1 ? part : (ESCAPES[part[1]!] ?? part[1]!)
}
