import assert from 'node:assert/strict'
import { parseProperties } from '../../../src/api/java/java-properties.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

/** Any text is a properties file; what was read, written out again with everything escaped, reads the same. */
export async function open(): Promise<FuzzTarget> {
  return {
    seeds: [
      'bootstrap.servers=localhost:9092\n# a comment\nrest.port: 8083\n',
      'key = a value \\\n   that goes on\n! other\n\\=\\:=\\u00e9\\t\n',
      'alone\nempty=\n\t tab\tvalue\r\nlast \\\\',
    ].map((text) => Buffer.from(text)),
    words: ['\\', '\\\n', '\\u0041', '\\u', '=', ':', '#', '!', '\r\n', '__proto__=', 'constructor='],
    run(input) {
      const read = parseProperties(input.toString())
      const escaped = Object.entries(read).map(([name, value]) => `${escape(name)}=${escape(value)}\n`)
      assert.deepEqual({ ...parseProperties(escaped.join('')) }, { ...read })
    },
  }
}

function escape(text: string): string {
  return Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')
}
