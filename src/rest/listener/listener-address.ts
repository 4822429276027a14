import { ConfigError } from '../../api/errors.ts'

/** Where the REST API listens, as `listeners` says it. */
export interface ListenerAddress {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
}

/**
 * Reads `http://HOST:PORT`. Throws `ConfigError`.
 *
 * @param unnamedHost what `http://:8083` means: it is in most properties files, so that an unprotected worker starts with
 *   it too, but for this machine only
 */
export function parseListener(option: string, text: string, unnamedHost: string): ListenerAddress {
  const match = /^(https?):\/\/(?:\[([^\]]+)\]|([^:/]*)):(\d{1,5})\/?$/i.exec(text.trim())
  const port = Number(match?.[4])
  if (match === null || port > 65_535) {
    throw new ConfigError(
      'connect.config-invalid',
      `Invalid value ${text} for configuration ${option}: it must be http://HOST:PORT or https://HOST:PORT`,
    )
  }
  const scheme = match[1]!.toLowerCase() as 'http' | 'https'
  return { scheme, host: match[2] ?? (match[3] || unnamedHost), port }
}

/** Whether other machines can reach it. */
export function isOnNetwork({ host }: ListenerAddress): boolean {
  return !/^(127\.|::1$|localhost$)/.test(host)
}

/** The address to call from this machine. */
export function urlOf({ scheme, host, port }: ListenerAddress): string {
  const shown = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host
  return `${scheme}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}
