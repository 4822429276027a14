import { Socket, type SocketConnectOpts } from 'node:net'
import { guardedLookup, requireAllowedHost } from '../../api/allowed-hosts.ts'

/** A socket that reaches no host but those that connectors may reach. `pg` connects it, to a host and port or a path. */
export class GuardedSocket extends Socket {
  override connect(...[place, host]: readonly unknown[]): this {
    const options =
      typeof place === 'object'
        ? (place as SocketConnectOpts)
        : typeof place === 'string'
          ? { path: place }
          : { port: place as number, host: host as string }
    requireAllowedHost('path' in options ? options.path : (options.host ?? 'localhost'))
    return super.connect({ ...options, lookup: guardedLookup })
  }
}
