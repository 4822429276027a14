import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { ConfigError } from './errors.ts'

type Place = string | null | undefined

/** Which hosts connectors may reach: `connector.allowed.hosts`. */
class AllowedHosts {
  readonly #names = new Set<string>()
  readonly #suffixes: string[] = []
  readonly #addresses = new BlockList()
  #hasAddresses = false

  /** Throws a sentence for an entry that is no name, address or range. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim().toLowerCase())
  }

  /** Whether a name may be reached wherever it leads. */
  admitsName(host: string): boolean {
    const name = plain(host)
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix))
  }

  admitsAddress(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#addresses.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  /** Whether a name can be admitted by where it leads. */
  get looksAtAddresses(): boolean {
    return this.#hasAddresses
  }

  #add(entry: string): void {
    const [address = '', prefix, ...more] = entry.split('/')
    const family = isIP(unbracketed(address))
    if (family > 0) {
      const most = family === 6 ? 128 : 32
      const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity
      if (bits > most || more.length > 0)
        throw new Error(`${entry} is no range of addresses such as 10.0.0.0/8`)
      this.#addresses.addSubnet(unbracketed(address), bits, family === 6 ? 'ipv6' : 'ipv4')
      this.#hasAddresses = true
    } else if (/^\*(?:\.[a-z0-9_-]+)+$/.test(entry)) this.#suffixes.push(entry.slice(1))
    else if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(entry) || /^\/[^*]+$/.test(entry)) this.#names.add(entry)
    else
      throw new Error(
        `${entry} is no host, address or range: write db.example.com, *.example.com or 10.0.0.0/8`,
      )
  }
}

let allowed: AllowedHosts | null = null

/**
 * From now on, what this thread connects to for connectors must be among these hosts; none: all are. For whoever starts
 * the thread. Throws a sentence for an entry that cannot be read.
 */
export function allowHosts(entries: readonly string[]): void {
  allowed = entries.length === 0 ? null : new AllowedHosts(entries)
}

/** What is wrong with a list of hosts, or null. */
export function allowedHostsProblem(entries: readonly string[]): string | null {
  try {
    void new AllowedHosts(entries)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/**
 * To be asked before a connection to a host is made, whose options then are to have `guardedLookup` too: a name that is
 * not among the hosts itself may lead to one. Throws `ConfigError` where it must not be reached.
 */
export function requireAllowedHost(host: Place): void {
  if (allowed === null || !host) return
  const name = unbracketed(host)
  if (allowed.admitsName(name)) return
  if (isIP(name) > 0 ? allowed.admitsAddress(name) : allowed.looksAtAddresses && !name.startsWith('/')) return
  throw notAllowed(name)
}

/** The same for connections that are made without `guardedLookup`: a name has to be listed itself. */
export function requireListedHost(host: Place): void {
  if (allowed === null || !host) return
  const name = unbracketed(host)
  if (!allowed.admitsName(name) && !allowed.admitsAddress(name)) throw notAllowed(name)
}

/**
 * What sockets are to find addresses with. Only those that may be reached are answered, so that what was checked is what
 * is connected to, whatever the name stands for a moment later.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  const hosts = allowed
  if (hosts === null || hosts.admitsName(hostname)) return lookup(hostname, options, callback)
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, [])
    const admitted = addresses.filter(({ address }) => hosts.admitsAddress(address))
    if (admitted.length === 0) return callback(notAllowed(hostname), [])
    if (options.all === true) callback(null, admitted)
    else callback(null, admitted[0]!.address, admitted[0]!.family)
  })
}

function notAllowed(host: string): ConfigError {
  return new ConfigError(
    'connect.host-not-allowed',
    `${host} is not among the hosts that connectors of this worker may reach (connector.allowed.hosts).`,
  )
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
