import { isIP } from 'node:net'
import type { ConnectionOptions } from '@platformatic/kafka'
import { brokerAddress } from './broker-address.ts'
import type { KafkaClientSettings, KafkaLogin, KafkaTls } from '../kafka-log-description.ts'
import { TokenSource } from './token-source.ts'

/** How connections are secured, for the library. */
export function connectionSecurity({
  security,
  bootstrapServers,
}: KafkaClientSettings): Pick<ConnectionOptions, 'tls' | 'tlsServerName' | 'sasl'> {
  const { tls, sasl } = security ?? {}
  // A name of the server that is an address is against the rules of TLS.
  const hasNames = bootstrapServers.every((server) => isIP(brokerAddress(server).host) === 0)
  return {
    ...(tls === undefined ? {} : { tls: tlsOptions(tls), tlsServerName: hasNames }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  }
}

function tlsOptions({ verifiesHost, ...tls }: KafkaTls): NonNullable<ConnectionOptions['tls']> {
  return {
    ...tls,
    ...(verifiesHost ? {} : { checkServerIdentity: () => undefined }),
  }
}

function saslOptions(login: KafkaLogin): NonNullable<ConnectionOptions['sasl']> {
  if (login.mechanism !== 'OAUTHBEARER') return login
  const tokens = new TokenSource(login.token)
  return { mechanism: login.mechanism, token: () => tokens.token() }
}
