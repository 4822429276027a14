import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from '../../test/properties.ts'
import type { TransformationPlugin } from '../api/plugin.ts'
import { cast } from './apache/cast.ts'
import { dropHeaders } from './apache/drop-headers.ts'
import { extractField } from './apache/extract-field.ts'
import { filter } from './apache/filter.ts'
import { flatten } from './apache/flatten.ts'
import { hoistField } from './apache/hoist-field.ts'
import { insertHeader } from './apache/insert-header.ts'
import { maskField } from './apache/mask-field.ts'
import { setSchemaMetadata } from './apache/set-schema-metadata.ts'
import { timestampConverter } from './apache/timestamp-converter.ts'
import { insertField } from './apache/insert-field.ts'
import { regexRouter } from './apache/regex-router.ts'
import { replaceField } from './apache/replace-field.ts'
import { holdBothWays } from './testing/both-ways.ts'
import { sourceRecords } from './testing/records.ts'
import { valueToKey } from './apache/value-to-key.ts'

const KEEP = { 'replace.null.with.default': 'false' }
const V2 = { 'field.syntax.version': 'V2' }

/** Each in both of its forms where it has two. */
const CASES: readonly (readonly [string, readonly TransformationPlugin[], Record<string, string>])[] = [
  ['RegexRouter', [regexRouter], { regex: '(\\w+)\\.(public)\\.(.*)', replacement: '$1.moved-$3' }],
  ['Filter', [filter], {}],
  ['ValueToKey', [valueToKey], { fields: 'c,a' }],
  ['ValueToKey keeping nulls', [valueToKey], { fields: 'c,a', ...KEEP }],
  ['ReplaceField', both(replaceField), { exclude: 'a', renames: 'b:bb,n:nn' }],
  ['ReplaceField keeping nulls', both(replaceField), { include: 'a,b', ...KEEP }],
  ['ExtractField', both(extractField), { field: 'a' }],
  ['ExtractField keeping nulls', both(extractField), { field: 'a', ...KEEP }],
  ['ExtractField by path', [extractField.value], { field: 'n.b', ...V2 }],
  ['InsertField', both(insertField), { 'topic.field': 'topic!', 'static.field': 's', 'static.value': 'v' }],
  ['DropHeaders', [dropHeaders], { headers: 'h' }],
  ['InsertHeader', [insertHeader], { header: 'x', 'value.literal': '42' }],
  ['SetSchemaMetadata', both(setSchemaMetadata), { 'schema.name': 'N', 'schema.version': '5' }],
  ['SetSchemaMetadata keeping nulls', both(setSchemaMetadata), { 'schema.name': 'N', ...KEEP }],
  ['HoistField', both(hoistField), { field: 'h' }],
  ['Flatten', both(flatten), { delimiter: '_' }],
  ['MaskField', both(maskField), { fields: 'a' }],
  ['Cast', both(cast), { spec: 'a:string' }],
  ['TimestampConverter', both(timestampConverter), { field: 'zz', 'target.type': 'unix' }],
  ['InsertField of a partition', both(insertField), { 'partition.field': 'p', ...KEEP }],
]

function both({ key, value }: { key: TransformationPlugin; value: TransformationPlugin }) {
  return [key, value]
}

describe('a transformation gives from a template what it gives from a record', () => {
  for (const [name, plugins, config] of CASES) {
    for (const plugin of plugins) {
      it(`${name} (${plugin.className.split('.').at(-1)})`, () => {
        let compiled = 0
        fc.assert(
          fc.property(sourceRecords, fc.integer({ min: 0, max: 0xffff }), (record, constants) => {
            const transformation = plugin.create(config)
            const isConstant = (leaf: number): boolean => ((constants >> (leaf % 16)) & 1) === 1
            try {
              if (holdBothWays(transformation, record, isConstant) === 'compiled') compiled++
            } catch (error) {
              // Only a record may be refused; its template then must be left to records.
              if ((error as Error).name !== 'DataError') throw error
              assert.fail(`compiled although records are refused: ${(error as Error).message}`)
            }
          }),
        )
        assert.ok(compiled > 0, 'no template could be compiled')
      })
    }
  }
})
