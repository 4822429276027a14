import type { Decimal } from './decimal.ts'
import type { Struct } from './struct.ts'

/**
 * A Connect value in JavaScript's terms.
 *
 * | schema                          | value                                  |
 * |---------------------------------|----------------------------------------|
 * | int8, int16, int32, float, double | number                               |
 * | int64                           | bigint (64-bit numbers arrive unchanged) |
 * | boolean, string                 | boolean, string                        |
 * | bytes                           | Uint8Array                             |
 * | bytes named `org.apache.kafka.connect.data.Decimal` | Decimal            |
 * | `org.apache.kafka.connect.data.{Date,Time,Timestamp}` | Date; where no Date holds it (`infinity`), the days as number, the milliseconds as bigint |
 * | array, map                      | array, Map                             |
 * | struct                          | Struct                                 |
 *
 * Without a schema: what JSON gives. Objects are `Map`s (field order and names such as `__proto__` survive),
 * integers are bigint, other numbers `number`.
 */
export type ConnectValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Decimal
  | Date
  | Struct
  | readonly ConnectValue[]
  | ReadonlyMap<ConnectValue, ConnectValue>
