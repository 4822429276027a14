import { parentPort, workerData } from 'node:worker_threads'
import { argon2Verify, bcryptVerify } from 'hash-wasm'

const { password, hash } = workerData as { readonly password: string; readonly hash: string }

parentPort!.postMessage(await isRight(), [])

async function isRight(): Promise<boolean> {
  // Neither takes an empty password.
  if (password === '') return false
  return hash.startsWith('$2') ? bcryptVerify({ password, hash }) : argon2Verify({ password, hash })
}
