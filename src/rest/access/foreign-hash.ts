import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

const BCRYPT = /^\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const ARGON2 =
  /^\$argon2(?:id|i|d)\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/

/** What one try may cost at most: some seconds, a quarter of a gigabyte. */
const MOST = { bcryptCost: 15, argon2Kilobytes: 262_144, argon2Rounds: 32, argon2Lanes: 16 }

/** Hashes of other programs: bcrypt (`htpasswd -B`) and argon2. */
export function isForeignHash(text: string): boolean {
  const bcrypt = BCRYPT.exec(text)
  if (bcrypt !== null) return Number(bcrypt[1]) >= 4 && Number(bcrypt[1]) <= MOST.bcryptCost
  const [, kilobytes, rounds, lanes] = ARGON2.exec(text) ?? []
  return (
    kilobytes !== undefined &&
    Number(kilobytes) <= MOST.argon2Kilobytes &&
    Number(rounds) <= MOST.argon2Rounds &&
    Number(lanes) <= MOST.argon2Lanes
  )
}

/** In a thread that lives for one try: hashing is WebAssembly here, and would hold up every other request. */
export async function isForeignPassword(password: string, hash: string): Promise<boolean> {
  const entry = new URL(`./foreign-hash-thread${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(entry, { workerData: { password, hash } })
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  thread.once('message', (isRight: boolean) => resolve(isRight))
  thread.once('error', reject)
  thread.once('exit', () => reject(new Error('The thread that checks a password ended without an answer')))
  return promise
}
