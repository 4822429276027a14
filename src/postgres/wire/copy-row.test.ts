import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { ByteWriter } from '../../api/byte-writer.ts'
import { writeJsonText } from '../../api/json/json-string.ts'
import { ConnectError } from '../../api/errors.ts'
import { CopyRowReader } from './copy-row.ts'
import { Tuple } from './tuple.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** As PostgreSQL writes a row. */
function copyRow(columns: readonly (string | null)[]): Buffer {
  const texts = columns.map((column) =>
    // eslint-disable-next-line no-control-regex
    column === null ? '\\N' : column.replace(/[\b\f\n\r\t\v\\]/g, (character) => ESCAPES[character]!),
  )
  return Buffer.from(`${texts.join('\t')}\n`)
}

function read(bytes: Buffer, columns: number): (string | null)[] {
  const tuple = new Tuple(columns)
  new CopyRowReader().read(bytes, 0, bytes.length, tuple)
  return Array.from({ length: columns }, (_, i) => tuple.text(i))
}

const cases: readonly [row: string, columns: readonly (string | null)[]][] = [
  ['1\tAlice\t2024-01-02\n', ['1', 'Alice', '2024-01-02']],
  ['\n', ['']],
  ['\t\t\n', ['', '', '']],
  ['\\N\n', [null]],
  ['\\N\t\\N\n', [null, null]],
  ['1\t\\N\t\n', ['1', null, '']],
  ['a\t\\N\tb\n', ['a', null, 'b']],
  ['\\\\N\n', ['\\N']],
  ['a\\tb\tc\\nd\n', ['a\tb', 'c\nd']],
  ['a\\tb\t\\N\t\\\\\n', ['a\tb', null, '\\']],
  ['x\\b\\f\\r\\v\n', ['x\b\f\r\v']],
  ['한글\t€\n', ['한글', '€']],
]

test('rows of COPY are read as PostgreSQL writes them', () => {
  for (const [row, columns] of cases) assert.deepEqual(read(Buffer.from(row), columns.length), columns, row)
})

test('any row is read as it was written', () => {
  const column = fc.option(
    fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', 'N', '\t', '\n', 'a', 'é') })),
  )
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 8 }), (columns) => {
      assert.deepEqual(read(copyRow(columns), columns.length), columns)
    }),
  )
})

test('a row is plain only if each of its columns is the JSON of itself, in quotes', () => {
  const reader = new CopyRowReader()
  const column = fc.option(
    fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '1', 'é', '"', '\u0001', '\x7f', '𝄞', '\\') }),
    ),
  )
  const rows = fc.array(fc.array(column, { minLength: 1, maxLength: 8 }), { minLength: 1 })
  fc.assert(
    fc.property(rows, (rows) => {
      for (const columns of rows) {
        const bytes = copyRow(columns)
        const tuple = new Tuple(columns.length)
        reader.read(bytes, 0, bytes.length, tuple)
        const isPlain = columns.every((text) => text === null || jsonString(text) === `"${text}"`)
        assert.equal(tuple.plain !== null, isPlain)
        if (tuple.plain === null) continue
        assert.equal(tuple.plain.buffer, bytes.buffer)
        assert.equal(tuple.plain.byteOffset, bytes.byteOffset)
      }
    }),
  )
})

function jsonString(text: string): string {
  const out = new ByteWriter()
  writeJsonText(text, out)
  return out.bytes.toString('utf8', 0, out.position)
}

test('a row with another number of columns is refused', () => {
  const wrong: readonly [row: string, columns: number][] = [
    ['1\t2\n', 1],
    ['1\t2\n', 3],
    ['1\t\\N\n', 1],
    ['\\N\n', 2],
    ['\\N\t1\n', 1],
    ['a\\n\tb\n', 1],
    ['a\\n\n', 2],
  ]
  for (const [row, columns] of wrong) {
    assert.throws(() => read(Buffer.from(row), columns), { code: 'postgres.protocol' }, row)
  }
})

test('random bytes neither hang nor crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (bytes, columns) => {
      try {
        read(Buffer.from(bytes), columns)
      } catch (error) {
        assert.ok(error instanceof ConnectError && error.code === 'postgres.protocol')
      }
    }),
  )
})
