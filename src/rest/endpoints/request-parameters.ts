import { ConfigError } from '../../api/errors.ts'
import type { RestRequest } from '../endpoint.ts'

/** A whole number of the query. Throws `ConfigError`. */
export function integerOf({ query }: RestRequest, name: string, byDefault: bigint): bigint {
  const text = query.get(name)
  if (text === null || text === '') return byDefault
  if (/^\d{1,18}$/.test(text)) return BigInt(text)
  throw new ConfigError(
    'rest.request-invalid',
    `The parameter ${name} must be a whole number, but is: ${text}`,
  )
}
