import fc from '../properties.ts'
import { NumberText, parseJson, type Json } from './lossless-json.ts'

/** A kind of column: what goes in, and how what comes out is told to be the same. */
export interface RandomType {
  readonly sql: string
  /** Texts of values, as they are written between quotes in SQL. */
  readonly texts: fc.Arbitrary<string>
  /** What a record in the reference's forms holds, as `to_jsonb` has it; or that it holds nothing, or not all. */
  readonly fromReference: ((value: Json) => Json) | 'absent' | 'incomplete'
  /** The same for all forms of tailrace's own. */
  readonly fromForms: (value: Json) => Json
  /** One way to write values that can be written in several. */
  readonly canonical: (value: Json) => Json
}

const same = (value: Json): Json => value
const text = (value: Json): string => (value as NumberText).text

const fraction = (digits: number) =>
  fc.integer({ min: 0, max: 10 ** digits - 1 }).map((micros) => {
    const all = String(micros).padStart(digits, '0').replace(/0+$/, '')
    return all === '' ? '' : `.${all}`
  })
const moment = (digits: number) =>
  fc
    .tuple(
      fc.date({ min: new Date('0001-01-01Z'), max: new Date('9999-12-31Z'), noInvalidDate: true }),
      fraction(digits),
    )
    .map(([date, rest]) => `${date.toISOString().slice(0, 19).replace('T', ' ')}${rest}`)
const day = moment(0).map((value) => value.slice(0, 10))
const clock = moment(6).map((value) => value.slice(11))
const integer = (bits: bigint) =>
  fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }).map(String)
const decimal = (digits: number, scale: number) =>
  fc
    .bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n })
    .map((value) => decimalText(value, scale))
const words = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((value) => value.toWellFormed().replaceAll('\0', ''))
const arrayOf = (element: fc.Arbitrary<string>) =>
  fc.array(fc.option(element), { maxLength: 4 }).map((elements) => {
    const quoted = elements.map((value) =>
      value === null ? 'NULL' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    )
    return `{${quoted.join(',')}}`
  })

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

/** Big-endian, two's complement. */
function unscaled(base64: string): bigint {
  const hex = Buffer.from(base64, 'base64').toString('hex')
  return BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`))
}

const fixed = (scale: number) => (value: Json) =>
  new NumberText(decimalText(unscaled(value as string), scale))

function variable(value: Json): Json {
  const fields = value as ReadonlyMap<string, Json>
  const scale = Number(text(fields.get('scale')!))
  return new NumberText(decimalText(unscaled(fields.get('value') as string), scale))
}

function withoutZeros(value: Json): Json {
  const digits = text(value)
  return new NumberText(digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits)
}

const asDouble = (value: Json): Json =>
  value instanceof NumberText ? new NumberText(String(Number(value.text) + 0)) : value
const asFloat = (value: Json): Json =>
  value instanceof NumberText ? new NumberText(String(Math.fround(Number(value.text)) + 0)) : value

function ofMicros(micros: bigint): string {
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n)
  const rest = String(micros - seconds * 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${rest === '' ? '' : `.${rest}`}`
}
const timestamp = (value: Json): Json => ofMicros(BigInt(text(value)))
const millis = (value: Json): Json => ofMicros(BigInt(text(value)) * 1000n)
const timeOfDay = (value: Json): Json => ofMicros(BigInt(text(value))).slice(11)
const date = (value: Json): Json => ofMicros(BigInt(text(value)) * 86_400_000_000n).slice(0, 10)
/** To PostgreSQL's spelling: `+00:00`, and no zeros at the end. */
const zoned = (value: Json): Json =>
  (value as string)
    .replace(/\.(\d*?)0*Z$/, (_, rest: string) => `${rest === '' ? '' : `.${rest}`}Z`)
    .replace('Z', '+00:00')
const hex = (value: Json): Json => `\\x${Buffer.from(value as string, 'base64').toString('hex')}`

const byName = ([a]: readonly [string, Json], [b]: readonly [string, Json]): number => (a < b ? -1 : 1)

/** All numbers as doubles: jsonb has its own way to write them. */
function loose(value: Json): Json {
  if (value instanceof Map) {
    return new Map(
      [...(value as ReadonlyMap<string, Json>)].map(([k, v]) => [k, loose(v)] as const).sort(byName),
    )
  }
  return Array.isArray(value) ? (value as readonly Json[]).map(loose) : asDouble(value)
}

function each(element: (value: Json) => Json): (value: Json) => Json {
  return (value) => (value as readonly Json[]).map((item) => (item === null ? null : element(item)))
}

function plain(sql: string, texts: fc.Arbitrary<string>, decode = same, forms = decode): RandomType {
  return { sql, texts, fromReference: decode, fromForms: forms, canonical: same }
}

export const RANDOM_TYPES: readonly RandomType[] = [
  plain('boolean', fc.constantFrom('t', 'f')),
  plain('smallint', integer(16n)),
  plain('int', integer(32n)),
  plain('bigint', integer(64n)),
  { ...plain('real', fc.float({ noDefaultInfinity: true, noNaN: true }).map(String)), canonical: asFloat },
  { ...plain('double precision', fc.double({ noDefaultInfinity: true }).map(String)), canonical: asDouble },
  { ...plain('numeric', decimal(40, 7), variable, same), canonical: withoutZeros },
  plain('numeric(12,2)', decimal(12, 2), fixed(2), same),
  plain('numeric(60,30)', decimal(60, 30), fixed(30), same),
  plain('cents', decimal(8, 2), fixed(2), same),
  plain('text', words),
  plain('varchar(200)', words),
  plain('char(5)', fc.stringMatching(/^[a-z]{0,5}$/)),
  plain('label', words),
  plain('mood', fc.constantFrom('sad', 'very "happy"')),
  plain('uuid', fc.uuid()),
  plain('inet', fc.ipV4()),
  plain('int4range', fc.constantFrom('empty', '[1,10)', '(,5)')),
  { ...plain('json', fc.json(), (value) => parseJson(value as string), same), canonical: loose },
  {
    ...plain(
      'jsonb',
      fc.json().filter((json) => !json.includes('\\u0000')),
      (value) => parseJson(value as string),
      same,
    ),
    canonical: loose,
  },
  plain(
    'bytea',
    fc.uint8Array({ maxLength: 50 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
    hex,
  ),
  plain('date', day, date, same),
  plain('time', clock, timeOfDay, same),
  plain('timestamp', moment(6), timestamp, same),
  plain('timestamp(3)', moment(3), millis, same),
  plain(
    'timestamptz',
    moment(6).map((value) => `${value}+00`),
    zoned,
  ),
  plain('text[]', arrayOf(words)),
  plain('bigint[]', arrayOf(integer(64n))),
  plain('numeric(12,2)[]', arrayOf(decimal(12, 2)), each(fixed(2)), same),
  plain('timestamp[]', arrayOf(moment(6)), each(timestamp), same),
  plain('timestamptz[]', arrayOf(moment(6).map((value) => `${value}+00`)), each(zoned), each(zoned)),
  plain('mood[]', fc.constantFrom('{}', '{sad}', '{"very \\"happy\\"",sad}')),
  {
    sql: 'cents[]',
    texts: arrayOf(decimal(8, 2)),
    fromReference: 'absent',
    fromForms: same,
    canonical: same,
  },
  {
    sql: 'int[][]',
    texts: fc.constantFrom('{{1,2},{3,4}}', '{{{1}}}', '[0:1]={5,6}', '{}'),
    fromReference: 'incomplete',
    fromForms: same,
    canonical: same,
  },
  {
    sql: 'pair',
    texts: fc.constantFrom('(1,"a, ""b""\\\\ ()",2.50)', '(,,)', '(7,"",0)'),
    fromReference: 'absent',
    fromForms: same,
    canonical: same,
  },
  {
    sql: 'pair[]',
    texts: fc.constantFrom('{}', '{"(1,x,2.5)",NULL}'),
    fromReference: 'absent',
    fromForms: same,
    canonical: same,
  },
]
