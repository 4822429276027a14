import { registerHooks } from 'node:module'
import { extname } from 'node:path'

const API = 'tailrace/api'
let isRegistered = false

/**
 * Makes `tailrace/api` this worker's own, wherever a plugin lies: a second copy beside the plugin would have error
 * classes of its own, which nobody here knows. To be called in each thread that loads plugins.
 */
export function resolveApiToThisWorker(): void {
  if (isRegistered) return
  isRegistered = true
  const url = new URL(`../../api/index${extname(import.meta.url)}`, import.meta.url).href
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === API ? { url, shortCircuit: true } : nextResolve(specifier, context),
  })
}
