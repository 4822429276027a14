import type { Broker } from '@platformatic/kafka'
import { ConfigError } from '../../../api/errors.ts'

/** `host:port`, `[address]:port` or `PROTOCOL://host:port`. Throws `ConfigError`. */
export function brokerAddress(text: string): Broker {
  const match = /^(?:[A-Z_]+:\/\/)?(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text.trim())
  if (match === null) {
    throw new ConfigError(
      'connect.config-invalid',
      `Invalid value ${text} for configuration bootstrap.servers: it must be HOST:PORT,HOST:PORT`,
    )
  }
  return { host: match[1] ?? match[2]!, port: Number(match[3]) }
}
