import { primitiveSchema, structSchema, type Schema } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import type { SeededRandom } from './random.ts'

/** A made-up stream of records. */
export interface Quickstart {
  readonly keySchema: Schema
  readonly valueSchema: Schema
  /** The record of a number; the same for the same number and seed. */
  record(index: number, random: SeededRandom): { readonly key: ConnectValue; readonly value: ConnectValue }
}

const integer = primitiveSchema('int32')
const long = primitiveSchema('int64')
const text = primitiveSchema('string')

/** What made-up times count from: 2020-01-01. */
const EPOCH_MS = 1_577_836_800_000

const REGIONS = Array.from({ length: 9 }, (_, i) => `Region_${i + 1}`)
const CITIES = ['Seoul', 'Lagos', 'Lyon', 'Quito', 'Osaka', 'Turin', 'Perth', 'Gdansk'] as const

const addressSchema = structSchema(
  [
    { name: 'city', schema: text },
    { name: 'state', schema: text },
    { name: 'zipcode', schema: long },
  ],
  { name: 'tailrace.datagen.address' },
)

const orders = quickstart(
  'orders',
  integer,
  [
    { name: 'ordertime', schema: long },
    { name: 'orderid', schema: integer },
    { name: 'itemid', schema: text },
    { name: 'orderunits', schema: primitiveSchema('double') },
    { name: 'address', schema: addressSchema },
  ],
  (index, random) => {
    const city = random.oneOf(CITIES)
    const place = [city, `State_${random.integer(1, 99)}`, BigInt(random.integer(10_000, 99_999))]
    return {
      key: index,
      fields: [
        madeUpTime(random),
        index,
        `Item_${random.integer(1, 999)}`,
        random.integer(1, 1000) / 100,
        new ValueStruct(addressSchema, place),
      ],
    }
  },
)

const users = quickstart(
  'users',
  text,
  [
    { name: 'registertime', schema: long },
    { name: 'userid', schema: text },
    { name: 'regionid', schema: text },
    { name: 'gender', schema: text },
  ],
  (_, random) => {
    const user = `User_${random.integer(1, 9)}`
    const gender = random.oneOf(['MALE', 'FEMALE', 'OTHER'])
    return { key: user, fields: [madeUpTime(random), user, random.oneOf(REGIONS), gender] }
  },
)

const pageviews = quickstart(
  'pageviews',
  text,
  [
    { name: 'viewtime', schema: long },
    { name: 'userid', schema: text },
    { name: 'pageid', schema: text },
  ],
  (index, random) => {
    const viewtime = BigInt(index) * 10n + 1n
    const user = `User_${random.integer(1, 9)}`
    return { key: String(viewtime), fields: [viewtime, user, `Page_${random.integer(10, 99)}`] }
  },
)

export const quickstarts: Readonly<Record<string, Quickstart>> = { orders, users, pageviews }

function quickstart(
  name: string,
  keySchema: Schema,
  fields: readonly { readonly name: string; readonly schema: Schema }[],
  make: (
    index: number,
    random: SeededRandom,
  ) => { readonly key: ConnectValue; readonly fields: ConnectValue[] },
): Quickstart {
  const valueSchema = structSchema(fields, { name: `tailrace.datagen.${name}` })
  return {
    keySchema,
    valueSchema,
    record(index, random) {
      const made = make(index, random)
      return { key: made.key, value: new ValueStruct(valueSchema, made.fields) }
    },
  }
}

function madeUpTime(random: SeededRandom): bigint {
  return BigInt(EPOCH_MS + random.integer(0, 2 ** 32 - 1))
}
