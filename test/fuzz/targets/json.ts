import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { MAX_JSON_DEPTH, SCAN, scanJsonObject } from '../../../src/elasticsearch/documents/json-scanner.ts'
import { findField } from '../../../src/elasticsearch/documents/json-walk.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const ID = Buffer.from('id')

/** What the scanner takes is what `JSON.parse` takes, and the walk finds the field that is there. */
export async function open(): Promise<FuzzTarget> {
  return {
    seeds: [
      '{"id":1,"name":"x","tags":["a",null,true],"n":{"m":-1.5e10}}',
      '{"before":null,"after":{"id":"7","t":"é\\u00e9\\n"},"op":"u"}',
      '{\n  "a": [ [], {}, 0 ],\r\n  "id": false\n}',
    ].map((text) => Buffer.from(text)),
    words: [
      '"id":',
      '"',
      '\\',
      '\\u0000',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      'null',
      'true',
      '1e5',
      '\n',
      '-0',
      'é',
    ],
    run(input) {
      const found = scanJsonObject(input, 0, input.length)
      const value = parsed(input)
      if (value === undefined) {
        assert.equal(found, SCAN.refused)
        return
      }
      if (found === SCAN.refused) {
        const text = input.toString('latin1')
        assert.ok(text.split(/[[{]/).length > MAX_JSON_DEPTH, 'refused, and it is well formed')
        return
      }
      assert.equal(found === SCAN.manyLines, /[\n\r]/.test(input.toString('latin1')))
      const place = findField(input, [0, input.length], ID)
      // A name may be written with escapes, which the walk does not look behind.
      if (place !== null) assert.ok(Object.hasOwn(value, 'id'))
      else assert.ok(!Object.hasOwn(value, 'id') || input.includes('\\'))
    },
  }
}

/** Undefined: it is no JSON object in UTF-8. */
function parsed(input: Buffer): object | undefined {
  if (!isUtf8(input)) return undefined
  try {
    // Not `toString`, which would leave a byte order mark out.
    const value: unknown = JSON.parse(input.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
