import { createHash, randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { isForeignHash, isForeignPassword } from './foreign-hash.ts'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** 16 MB and some 0.2 s for one try: what guessing costs. */
const COST = { log2N: 14, r: 8, p: 5 }
const HASH_BYTES = 32
const FORM = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** A password as the users file keeps it: `$scrypt$ln=14,r=8,p=5$SALT$HASH`, both in base64 without padding. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, HASH_BYTES, options(COST))
  const { log2N, r, p } = COST
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** For a password that is kept in clear text anyway: it is only to be compared in constant time. */
export function digestOfPlain(password: string): string {
  return `$plain$${sha256(password).toString('base64')}`
}

/** Whether a text is a hash that `isPassword` can check at a bearable cost: of `hashPassword`, bcrypt or argon2. */
export function isPasswordHash(text: string): boolean {
  const match = FORM.exec(text)
  if (match === null) return isForeignHash(text)
  return Number(match[1]) <= 17 && Number(match[2]) <= 16 && Number(match[3]) <= 16
}

/** @param hash of `isPasswordHash` or `digestOfPlain` */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith('$plain$'))
    return timingSafeEqual(sha256(password), Buffer.from(hash.slice(7), 'base64'))
  const match = FORM.exec(hash)
  if (match === null) return isForeignPassword(password, hash)
  const [, log2N, r, p, salt, expected] = match
  const wanted = Buffer.from(expected!, 'base64')
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) }
  return timingSafeEqual(
    await derive(password, Buffer.from(salt!, 'base64'), wanted.length, options(cost)),
    wanted,
  )
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function options({ log2N, r, p }: typeof COST): ScryptOptions {
  const cost = 2 ** log2N
  return { cost, blockSize: r, parallelization: p, maxmem: 256 * cost * r }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
