import { ConfigError } from '../api/errors.ts'

// Addresses of the command line. What is wrong is said without repeating them: there may be a password inside.

/** `--postgres`. Throws `cli.address-invalid`. */
export function postgresAddress(text: string): string {
  const url = URL.parse(text)
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '' && url.username !== '') {
    return text
  }
  throw refusal('--postgres must be postgres://USER:PASSWORD@HOST:PORT')
}

/** `--elasticsearch`. Throws `cli.address-invalid`. */
export function searchAddress(text: string): string {
  if (isHttp(URL.parse(text))) return text
  throw refusal(
    '--elasticsearch must be http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ where needed',
  )
}

/** `--kafka`. Throws `cli.address-invalid`. */
export function kafkaAddress(text: string): string {
  if (text.split(',').every((broker) => /^(\[[\da-fA-F:.]+\]|[^\s:/@]+):\d{1,5}$/.test(broker))) return text
  throw refusal('--kafka must be HOST:PORT, or HOST:PORT,HOST:PORT')
}

/** `--url`, `TAILRACE_URL`. Throws `cli.address-invalid`. */
export function workerAddress(text: string): string {
  const url = URL.parse(text)
  if (isHttp(url) && url?.username === '') return text
  throw refusal('--url or TAILRACE_URL must be http://HOST:PORT')
}

function isHttp(url: URL | null): boolean {
  return url !== null && /^https?:$/.test(url.protocol)
}

function refusal(message: string): ConfigError {
  return new ConfigError('cli.address-invalid', message)
}
