import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonBytes } from '../../api/json/json-writer.ts'
import { envelopeOptions, typeOf } from '../testing/relations.ts'
import { resolveCodec } from './resolve-codec.ts'

const FORMAT = { decimalFormat: 'base64', replaceNullWithDefault: true } as const

/** What servers with pgvector and PostGIS send, and the reference's JSON for it. */
const VALUES: readonly (readonly [type: string, text: string, json: string | null])[] = [
  ['vector', '[1,2.5,-3.0000001e+10]', '[1.0,2.5,-3.0000001E10]'],
  ['halfvec', '[1,0.3330078]', '[1.0,0.3330078]'],
  ['sparsevec', '{1:1.5,5:-2}/5', '{"dimensions":5,"vector":[[1,1.5],[5,-2.0]]}'],
  ['sparsevec', '{}/3', '{"dimensions":3,"vector":[]}'],
  ['sparsevec', '{1:1}/100000', null],
  ['vector[]', '{"[1,2]",NULL}', '[[1.0,2.0],null]'],
  [
    'geometry',
    '0101000000000000000000F03F0000000000000040',
    '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null,"extensions":null}',
  ],
  [
    'geometry',
    '0101000020E610000000000000000008400000000000001040',
    '{"wkb":"AQEAACDmEAAAAAAAAAAACEAAAAAAAAAQQA==","srid":4326,"extensions":null}',
  ],
  [
    'geography',
    '0101000020E610000000000000000014400000000000001840',
    '{"wkb":"AQEAACDmEAAAAAAAAAAAFEAAAAAAAAAYQA==","srid":4326}',
  ],
]

for (const [type, text, json] of VALUES) {
  test(`${type} ${text} is ${json ?? 'more than its schema can hold'}`, () => {
    const codec = resolveCodec(typeOf(type), -1, envelopeOptions())!
    const bytes = Buffer.from(text)
    const value = codec.decode(bytes, 0, bytes.length)
    assert.equal(value === null ? null : jsonBytes(codec.schema, value, FORMAT).toString(), json)
  })
}
