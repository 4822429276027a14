import type { TlsOptions } from 'node:tls'
import { ConfigError } from '../../api/errors.ts'
import type { WorkerConfig } from '../../connect/config/worker-config.ts'
import type { Serves } from '../rest-server.ts'
import { isOnNetwork, parseListener, type ListenerAddress } from './listener-address.ts'
import { listenerTls } from './listener-tls.ts'

/** A listener that the worker's properties ask for. */
export interface PlannedListener extends ListenerAddress {
  readonly serves: Serves
  readonly tls?: TlsOptions
}

/**
 * The listeners of `listeners` and `admin.listeners`, and the one of them by which the worker calls itself. Throws
 * `ConfigError`, `rest.unprotected` among them.
 *
 * @param mayBeOnNetwork the API is protected, or was said to need no protection
 */
export function workerListeners(
  { options, properties }: WorkerConfig,
  mayBeOnNetwork: boolean,
): { readonly all: readonly PlannedListener[]; readonly advertised: PlannedListener } {
  const unnamedHost = mayBeOnNetwork ? '::' : '127.0.0.1'
  const ofAdmin = adminListeners(properties['admin.listeners'])
  const plan = (option: 'listeners' | 'admin.listeners', texts: readonly string[]): PlannedListener[] =>
    texts.map((text) => {
      const address = parseListener(option, text, unnamedHost)
      const serves = option === 'admin.listeners' ? 'admin' : ofAdmin === null ? 'all' : 'public'
      if (address.scheme === 'http') return { ...address, serves }
      const prefix = option === 'listeners' ? 'listeners.https.' : 'admin.listeners.https.'
      return { ...address, serves, tls: listenerTls(properties, prefix) }
    })
  const own = plan('listeners', options.listeners.length === 0 ? ['http://:8083'] : options.listeners)
  const all = [...own, ...plan('admin.listeners', ofAdmin ?? [])]
  const open = mayBeOnNetwork ? undefined : all.find(isOnNetwork)
  if (open !== undefined) throw unprotected(open)
  return { all, advertised: advertisedOf(own, options['rest.advertised.listener']) }
}

/** Null: not there, the admin endpoints are where the others are. Empty: they are nowhere. */
function adminListeners(text: string | null | undefined): readonly string[] | null {
  if (text === undefined || text === null) return null
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function advertisedOf(own: readonly PlannedListener[], wanted: string | null): PlannedListener {
  if (wanted === null) return own[0]!
  const found = own.find(({ scheme }) => scheme === wanted.trim().toLowerCase())
  if (found !== undefined) return found
  throw new ConfigError(
    'connect.config-invalid',
    `Invalid value ${wanted} for configuration rest.advertised.listener: it must be the scheme of one of the listeners, http or https`,
  )
}

function unprotected({ host, port }: ListenerAddress): ConfigError {
  const where = host === '::' || host === '0.0.0.0' ? `port ${port} of all interfaces` : `${host}:${port}`
  return new ConfigError(
    'rest.unprotected',
    `The REST API would be open to everyone who reaches ${where}, and connectors hold passwords. Set rest.auth.users.file or ` +
      'rest.auth.bearer.token, or listen on 127.0.0.1, or pass --allow-unprotected (rest.allow.unprotected=true)',
  )
}
