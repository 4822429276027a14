import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter } from '../../api/byte-writer.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ColumnType } from '../catalog/relation.ts'
import { envelopeOptions, relationOf, tupleOf, typeOf } from '../testing/relations.ts'
import { createColumnCodec, columnValue } from './column-codec.ts'
import { resolveCodec } from './resolve-codec.ts'
import { jsonValueWriter } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

interface Case {
  readonly type: string | ColumnType
  readonly typeModifier?: number
  readonly modes?: Partial<ValueModes>
  /** PostgreSQL's text and the JSON that the reference writes for it; null: it has no value. */
  readonly values: readonly (readonly [text: string, json: string | null])[]
}

const numeric = (precision: number, scale: number) => ((precision << 16) | scale) + 4
const LONG = '9999999999999999999999999999.9999999999'
const enumType: ColumnType = { ...typeOf('mood'), kind: 'e', enumLabels: ['sad', 'very happy'] }

/** What the conformance scenarios do not reach, or only with a server. */
const CASES: readonly Case[] = [
  {
    type: 'bool',
    values: [
      ['t', 'true'],
      ['f', 'false'],
    ],
  },
  { type: 'int8', values: [['-9223372036854775808', '-9223372036854775808']] },
  { type: 'oid', values: [['4294967295', '4294967295']] },
  {
    type: 'float4',
    values: [
      ['1e-45', '1.4E-45'],
      ['3.4028235e+38', '3.4028235E38'],
      ['0.1', '0.1'],
      ['NaN', '"NaN"'],
    ],
  },
  {
    type: 'float8',
    values: [
      ['0', '0.0'],
      ['-0', '-0.0'],
      ['100', '100.0'],
      ['0.001', '0.001'],
      ['0.0001', '1.0E-4'],
      ['12345678.9', '1.23456789E7'],
      ['1e+21', '1.0E21'],
      ['9999999.5', '9999999.5'],
      ['-0.5', '-0.5'],
      ['-Infinity', '"-Infinity"'],
    ],
  },
  {
    type: 'numeric',
    typeModifier: numeric(38, 10),
    values: [
      [`-${LONG}`, '"tMSzV6V5O4X2dd3AAAAAAQ=="'],
      ['1.5000000000', '"A34R1gA="'],
      ['NaN', null],
      ['-Infinity', null],
    ],
  },
  // numeric(5,-2)
  {
    type: 'numeric',
    typeModifier: ((5 << 16) | (-2 & 0x7ff)) + 4,
    values: [
      ['1200', '"DA=="'],
      ['0', '"AA=="'],
    ],
  },
  {
    type: 'numeric',
    values: [
      ['1.50', '{"scale":1,"value":"Dw=="}'],
      ['100.000', '{"scale":0,"value":"ZA=="}'],
      ['0.000', '{"scale":0,"value":"AA=="}'],
      ['-123456789012345678901234567890.123456789', '{"scale":9,"value":"ox8WWp/qATpVIFzXUcZ+6w=="}'],
      ['NaN', null],
    ],
  },
  {
    type: 'numeric',
    typeModifier: numeric(10, 2),
    modes: { decimalHandlingMode: 'string' },
    values: [
      ['12.30', '"12.30"'],
      ['NaN', '"NaN"'],
    ],
  },
  {
    type: 'numeric',
    modes: { decimalHandlingMode: 'double' },
    values: [
      ['12.30', '12.3'],
      ['1e30', '1.0E30'],
      ['NaN', '"NaN"'],
    ],
  },
  {
    type: 'money',
    values: [
      ['$12.34', '"BNI="'],
      ['-$1,234,567.89', '"+KQy6w=="'],
      ['($0.01)', '"/w=="'],
    ],
  },
  { type: 'money', modes: { decimalHandlingMode: 'double' }, values: [['$1,000.50', '1000.5']] },
  {
    type: 'money',
    modes: { decimalHandlingMode: 'string', moneyFractionDigits: 1 },
    values: [
      ['$12.35', '"12.35"'],
      ['-$12.3', '"-12.3"'],
    ],
  },
  {
    type: 'money',
    modes: { moneyFractionDigits: 1 },
    values: [
      ['$12.35', '"fA=="'],
      ['-$12.35', '"hA=="'],
    ],
  },
  {
    type: 'date',
    values: [
      ['2024-02-29', '19782'],
      ['0001-01-01', '-719162'],
      ['0001-12-31 BC', '-719163'],
      ['5874897-12-31', '2145042905'],
      ['infinity', '2146033979'],
      ['-infinity', '-2147472691'],
    ],
  },
  {
    type: 'date',
    modes: { timePrecisionMode: 'isostring' },
    values: [
      ['2024-02-29', '"2024-02-29Z"'],
      ['0044-03-15 BC', '"-0043-03-15Z"'],
      ['10000-01-01', '"+10000-01-01Z"'],
    ],
  },
  {
    type: 'date',
    modes: { timePrecisionMode: 'connect' },
    values: [
      ['2024-02-29', '19782'],
      ['5874897-12-31', '2145042905'],
      ['infinity', '2146033979'],
      ['-infinity', '-2147472691'],
    ],
  },
  {
    type: 'time',
    values: [
      ['24:00:00', '86400000000'],
      ['00:00:00.000001', '1'],
    ],
  },
  { type: 'time', typeModifier: 3, values: [['13:14:15.12', '47655120']] },
  {
    type: 'time',
    typeModifier: 3,
    modes: { timePrecisionMode: 'adaptive_time_microseconds' },
    values: [['13:14:15.12', '47655120000']],
  },
  { type: 'time', modes: { timePrecisionMode: 'nanoseconds' }, values: [['13:14:15.12', '47655120000000']] },
  {
    type: 'timestamp',
    values: [
      ['2024-02-29 13:14:15.123456', '1709212455123456'],
      ['1969-12-31 23:59:59.999999', '-1'],
      ['1969-12-31 23:59:59', '-1000000'],
      ['1970-01-01 00:00:00', '0'],
      ['9999-12-31 23:59:59.999999', '253402300799999999'],
      ['0001-01-01 00:00:00.000001', '-62135596799999999'],
      ['0044-03-15 12:00:00 BC', '-63517780800000000'],
      ['294276-12-31 23:59:59.999999', '9224318015999999999'],
      ['infinity', '9223372036854775807'],
      ['-infinity', '-9223372036854775808'],
    ],
  },
  {
    type: 'timestamp',
    typeModifier: 3,
    values: [
      ['1969-12-31 23:59:59.999', '-1'],
      ['1582-10-04 00:00:00', '-12220243200000'],
    ],
  },
  {
    type: 'timestamp',
    modes: { timePrecisionMode: 'nanoseconds' },
    values: [
      ['2024-01-01 00:00:00.5', '1704067200500000000'],
      ['infinity', '9223372036854775807'],
      ['9999-01-01 00:00:00', null],
    ],
  },
  {
    type: 'timestamp',
    modes: { timePrecisionMode: 'connect' },
    values: [
      ['1969-12-31 23:59:59.999999', '-1'],
      ['infinity', '9223372036825200000'],
      ['-infinity', '-9223372036832400000'],
    ],
  },
  {
    type: 'timestamptz',
    values: [
      ['2024-02-29 04:14:15.123456+00', '"2024-02-29T04:14:15.123456Z"'],
      ['2024-02-29 13:14:15.5+09', '"2024-02-29T04:14:15.500000Z"'],
      ['2024-02-29 00:00:00-03:30', '"2024-02-29T03:30:00.000000Z"'],
      ['1900-01-01 00:00:00+08:05:43', '"1899-12-31T15:54:17.000000Z"'],
      ['10000-01-01 00:00:00+00', '"+10000-01-01T00:00:00.000000Z"'],
      ['0044-03-15 12:00:00+00 BC', '"-0043-03-15T12:00:00.000000Z"'],
      ['infinity', '"infinity"'],
      ['-infinity', '"-infinity"'],
    ],
  },
  {
    type: 'timestamptz',
    typeModifier: 3,
    values: [['2024-01-01 00:00:00.1+00', '"2024-01-01T00:00:00.100Z"']],
  },
  { type: 'timestamptz', typeModifier: 0, values: [['2024-01-01 00:00:00+00', '"2024-01-01T00:00:00Z"']] },
  {
    type: 'timetz',
    values: [
      ['13:14:15.123456+09', '"04:14:15.123456Z"'],
      ['23:59:59.999+14', '"09:59:59.999Z"'],
      ['24:00:00+00', '"24:00:00Z"'],
    ],
  },
  {
    type: 'interval',
    values: [
      ['-1 years -1 mons -30 days -25:00:00.5', '-36869400500000'],
      ['1 mon -1 days +00:00:00.000001', '2543400000001'],
      ['00:00:00', '0'],
    ],
  },
  {
    type: 'interval',
    modes: { intervalHandlingMode: 'string' },
    values: [
      ['1 year 2 mons 3 days 04:05:06.78', '"P1Y2M3DT4H5M6.78S"'],
      ['-00:00:00.5', '"P0Y0M0DT0H0M-0.5S"'],
      ['00:00:00', '"P0Y0M0DT0H0M0S"'],
    ],
  },
  {
    type: 'bytea',
    values: [
      [String.raw`\x`, '""'],
      [String.raw`\x00ff10fbefbe`, '"AP8Q++++"'],
      [String.raw`\xfffefd3e`, '"//79Pg=="'],
    ],
  },
  {
    type: 'bytea',
    modes: { binaryHandlingMode: 'base64-url-safe' },
    values: [[String.raw`\xfffefd3e3f`, '"__79Pj8="']],
  },
  { type: 'bytea', modes: { binaryHandlingMode: 'hex' }, values: [[String.raw`\x00ff`, '"00ff"']] },
  {
    type: 'bit',
    typeModifier: 1,
    values: [
      ['1', 'true'],
      ['0', 'false'],
    ],
  },
  {
    type: 'varbit',
    values: [
      ['101', '"BQ=="'],
      ['', '""'],
      ['1000000000', '"AAI="'],
    ],
  },
  {
    type: 'hstore',
    values: [
      [
        String.raw`"a"=>"1", "b c"=>"x\"y", "k"=>NULL`,
        String.raw`"{\"a\":\"1\",\"b c\":\"x\\\"y\",\"k\":null}"`,
      ],
      ['', '"{}"'],
    ],
  },
  {
    type: 'hstore',
    modes: { hstoreHandlingMode: 'map' },
    values: [['"a"=>"1", "k"=>NULL', '{"a":"1","k":null}']],
  },
  {
    type: 'int4[]',
    values: [
      ['{1,NULL,-3}', '[1,null,-3]'],
      ['[0:1]={1,2}', '[1,2]'],
      ['{{1,2},{3,4}}', '[null,null]'],
      ['{}', '[]'],
    ],
  },
  {
    type: 'text[]',
    values: [
      [String.raw`{a,"b c",NULL,"q\"","NULL","","{}"}`, String.raw`["a","b c",null,"q\"","NULL","","{}"]`],
    ],
  },
  { type: 'bytea[]', values: [[String.raw`{"\\x01"}`, '["AQ=="]']] },
  {
    type: { ...typeOf('text[]'), element: enumType },
    values: [
      ['{sad,"very happy"}', '["sad","very happy"]'],
      ['{NULL}', null],
    ],
  },
  { type: enumType, values: [['very happy', '"very happy"']] },
  {
    type: 'point',
    values: [['(-1.5,1e+300)', '{"x":-1.5,"y":1.0E300,"wkb":"AQEAAAAAAAAAAAD4v5x1AIg85Dd+","srid":null}']],
  },
  { type: 'int4range', values: [['[1,10)', '"[1,10)"']] },
  { type: 'json', values: [['{"a": "\\u0001"}', String.raw`"{\"a\": \"\\u0001\"}"`]] },
]

for (const { type, typeModifier = -1, modes = {}, values } of CASES) {
  const name = typeof type === 'string' ? type : type.name
  const mode = Object.values(modes).join(' ')
  test(`${name}(${typeModifier}) ${mode} is written as the reference writes it`, () => {
    const columnType = typeof type === 'string' ? typeOf(type) : type
    const codec = resolveCodec(columnType, typeModifier, envelopeOptions(modes))!
    const write = jsonValueWriter(codec, 'base64')
    for (const [text, json] of values) {
      const bytes = Buffer.from(`#${text}#`)
      const out = new ByteWriter(1)
      const isWritten = write(bytes, 1, bytes.length - 1, out)
      assert.equal(isWritten ? out.bytes.toString('utf8', 0, out.position) : null, json, text)
      assert.equal(codec.decode(bytes, 1, bytes.length - 1) === null, json === null, text)
    }
  })
}

test('types that the reference leaves out have no codec', () => {
  const omitted = [
    'money[]',
    'interval[]',
    'xml[]',
    'point[]',
    'varbit[]',
    'name[]',
    'tsquery',
    'pg_lsn',
    'int4multirange',
    'constructor',
  ]
  const domain: ColumnType = {
    ...typeOf('posint'),
    kind: 'd',
    base: { type: typeOf('int4'), typeModifier: -1 },
  }
  const types = [
    ...omitted.map(typeOf),
    { ...typeOf('pair'), kind: 'c' as const },
    { ...typeOf('int4[]'), element: domain },
  ]
  for (const type of types) assert.equal(resolveCodec(type, -1, envelopeOptions()), null, type.name)
  const opaque = resolveCodec(typeOf('pg_lsn'), -1, envelopeOptions({ includeUnknownDatatypes: true }))
  assert.equal(opaque?.schema.type, 'bytes')
})

test('a domain has its own modifier, or that of the domain below it', () => {
  const money: ColumnType = {
    ...typeOf('m'),
    kind: 'd',
    base: { type: typeOf('numeric'), typeModifier: numeric(8, 2) },
  }
  const outer: ColumnType = { ...typeOf('o'), kind: 'd', base: { type: money, typeModifier: -1 } }
  assert.equal(resolveCodec(money, -1, envelopeOptions())?.schema.parameters?.['scale'], '2')
  assert.equal(resolveCodec(outer, -1, envelopeOptions())?.schema.parameters?.['scale'], '2')
})

test('defaults are read from their expression, and computed ones are the type’s zero', () => {
  const cases: [type: string, expression: string, value: ConnectValue][] = [
    ['int4', '5', 5],
    ['int4', "'-1'::integer", -1],
    ['int4', '(5 + 3)', 'none'],
    ['int4', "nextval('t_id_seq'::regclass)", 0],
    ['int8', "'9007199254740993'::bigint", 9_007_199_254_740_993n],
    ['text', "'it''s'::text", "it's"],
    ['text', "upper('x'::text)", ''],
    ['text', 'NULL::text', 'none'],
    ['varchar', "''::character varying", ''],
    ['bool', 'true', true],
    ['bool', 'false', false],
    ['date', "'2024-01-01'::date", 19_723],
    ['date', 'CURRENT_DATE', 0],
    ['timestamp', 'CURRENT_TIMESTAMP', 0n],
    ['timestamptz', 'now()', '1970-01-01T00:00:00.000000Z'],
    ['timestamptz', "'2024-01-01 00:00:00+00'::timestamp with time zone", '2024-01-01T00:00:00.000000Z'],
    ['float8', "'1.5'::double precision", 1.5],
    ['uuid', 'gen_random_uuid()', '00000000-0000-0000-0000-000000000000'],
    ['jsonb', "'{}'::jsonb", '{}'],
    ['numeric', '1.5', 'none'],
    ['bytea', String.raw`'\x01'::bytea`, 'none'],
    ['int4[]', "'{1}'::integer[]", 'none'],
    ['inet', "'::1'::inet", 'none'],
  ]
  for (const [type, expression, expected] of cases) {
    const { columns } = relationOf({ columns: [{ name: 'c', type, default: expression }] })
    const codec = createColumnCodec(columns[0]!, 0, envelopeOptions())!
    assert.deepEqual(
      'default' in codec.schema ? codec.schema.default : 'none',
      expected,
      `${type} ${expression}`,
    )
  }
})

test('a value that a NOT NULL column cannot hold is an error, elsewhere it is null', () => {
  const { columns } = relationOf({
    columns: [
      { name: 'a', type: 'numeric' },
      { name: 'b', type: 'numeric', notNull: true },
    ],
  })
  const tuple = tupleOf(['NaN', 'NaN'])
  const [optional, required] = columns.map((column, i) => createColumnCodec(column, i, envelopeOptions())!)
  assert.equal(columnValue(optional!, tuple, null), null)
  assert.throws(() => columnValue(required!, tuple, null), /NOT NULL column b cannot be represented/)
})

test('of the geometric types only points are required where the column is NOT NULL, as in the reference', () => {
  const types = ['point', 'box', 'circle', 'line', 'lseg', 'path', 'polygon']
  const { columns } = relationOf({ columns: types.map((type) => ({ name: type, type, notNull: true })) })
  const codecs = columns.map((column, i) => createColumnCodec(column, i, envelopeOptions())!)
  const required = codecs.filter(({ schema }) => !schema.optional)
  assert.deepEqual(
    required.map(({ name }) => name),
    ['point'],
  )
  // A replica identity does not tell it: the zero of its type stands there all the same.
  assert.ok(codecs.every(({ nullValue }) => nullValue !== null))
})
