import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { EnvelopePlaces, scanEnvelope } from './envelope-scanner.ts'
import { rawFields, rawObject } from './raw-fields.ts'

function scan(json: string) {
  const bytes = Buffer.from(`before${json}behind`)
  const places = new EnvelopePlaces()
  scanEnvelope(bytes, 6, bytes.length - 6, places)
  const { op, afterStart, afterEnd, lsnStart, lsnEnd } = places
  const text = (start: number, end: number) => (start < 0 ? null : bytes.toString('utf8', start, end))
  return {
    op: op === 0 ? null : String.fromCharCode(op),
    after: text(afterStart, afterEnd),
    lsn: text(lsnStart, lsnEnd),
  }
}

test('the parts of an envelope are found, whatever their order and spacing', () => {
  const source = '{"version":"3","lsn":12345678901234567890,"x":{"lsn":1}}'
  assert.deepEqual(scan(`{"before":null,"after":{"op":"x","a":[1,{"b":"}"}]},"source":${source},"op":"c"}`), {
    op: 'c',
    after: '{"op":"x","a":[1,{"b":"}"}]}',
    lsn: '12345678901234567890',
  })
  assert.deepEqual(scan(' { "op" : "d" ,\n"source" : { "lsn" : null } , "after" : null } '), {
    op: 'd',
    after: null,
    lsn: null,
  })
  assert.deepEqual(scan('{}'), { op: null, after: null, lsn: null })
  assert.deepEqual(scan('{"op":"create","source":[1],"after":"text"}'), { op: null, after: null, lsn: null })
})

test('any JSON object is read as JSON.parse reads it', () => {
  const row = fc.dictionary(fc.string(), fc.jsonValue())
  const spaced = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      row,
      fc.nat(),
      spaced,
      (others, after, lsn, space) => {
        const envelope = { ...others, after, source: { ...others, lsn }, op: 'u' }
        const found = scan(JSON.stringify(envelope, null, space))
        assert.deepEqual([found.op, found.lsn], ['u', String(lsn)])
        assert.deepEqual(JSON.parse(found.after!), JSON.parse(JSON.stringify(after)))
      },
    ),
  )
})

test('the fields of any object keep their text', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(undefined, 2),
      (object, space) => {
        const fields = rawFields(JSON.stringify(object, null, space))
        assert.deepEqual(JSON.parse(rawObject(fields)), JSON.parse(JSON.stringify(object)))
        assert.deepEqual([...fields.keys()].sort(), Object.keys(object).sort())
      },
    ),
  )
  assert.equal(rawFields('{"n":1.50,"b":12345678901234567890}').get('n'), '1.50')
})
