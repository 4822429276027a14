import { toText } from '../json/json-object.ts'
import type { FieldType } from './field-type.ts'
import { UnfitValueError } from './doc-value.ts'

const NUMBER_PARAMETERS = ['null_value', 'coerce', 'ignore_malformed']

function toNumber(value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value === 'object') throw new UnfitValueError('Cannot parse object as number')
  const text = toText(value).trim()
  if (/^[+-]?\d{16,}$/.test(text)) return BigInt(text)
  if (text === '' || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    throw new UnfitValueError(`For input string: "${toText(value)}"`)
  }
  return Number(text)
}

const small = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

function integerType(name: string, bits: number): FieldType {
  const max = 2n ** BigInt(bits - 1) - 1n
  const min = -max - 1n
  return {
    name,
    family: 'number',
    parameters: NUMBER_PARAMETERS,
    read(value, options) {
      const number = toNumber(value)
      const isWhole = typeof number === 'bigint' || Number.isInteger(number)
      if (!isWhole && !options.coerce)
        throw new UnfitValueError(`Value [${String(value)}] has a decimal part`)
      const whole =
        typeof number === 'bigint' ? number : BigInt(Number.isFinite(number) ? Math.trunc(number) : 0)
      if (whole < min || whole > max || number === Infinity || number === -Infinity) {
        throw new UnfitValueError(`Value [${String(value)}] is out of range for ${article(name)} ${name}`)
      }
      return small(whole)
    },
    // Unlike in a document a fraction is no mistake in a query: it lies between, and equals nothing.
    readQuery(value) {
      const number = toNumber(value)
      return typeof number === 'bigint' ? small(number) : number
    },
  }
}

const article = (name: string): string => (name === 'integer' ? 'an' : 'a')

function floatType(name: string, round: (value: number) => number): FieldType {
  const readAny = (value: unknown): number => round(Number(toNumber(value)))
  return {
    name,
    family: 'number',
    parameters: NUMBER_PARAMETERS,
    readQuery: readAny,
    read(value) {
      const number = readAny(value)
      if (Number.isFinite(number)) return number
      throw new UnfitValueError(`[${name}] supports only finite values, but got [${number}]`)
    },
  }
}

export const numberTypes: readonly FieldType[] = [
  integerType('byte', 8),
  integerType('short', 16),
  integerType('integer', 32),
  integerType('long', 64),
  floatType('half_float', Math.fround),
  floatType('float', Math.fround),
  floatType('double', (value) => value),
]
