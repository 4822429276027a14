import type { WorkerConfig } from '../../connect/config/worker-config.ts'
import { Credentials } from './credentials.ts'
import { CrossOrigin } from './cross-origin.ts'
import { extensionUsers } from './rest-extensions.ts'
import { parseResponseHeaders, type ResponseHeader } from './response-headers.ts'

/** Who may use the API, from where, and what every answer says besides. */
export interface RestAccess {
  readonly credentials: Credentials | null
  readonly crossOrigin: CrossOrigin | null
  readonly headers: readonly ResponseHeader[]
}

export const OPEN_ACCESS: RestAccess = { credentials: null, crossOrigin: null, headers: [] }

/** Reads what the worker's properties say. Throws `ConfigError`. */
export async function loadRestAccess({ options }: Pick<WorkerConfig, 'options'>): Promise<RestAccess> {
  const origins = options['access.control.allow.origin']
  const methods = options['access.control.allow.methods']
  return {
    credentials: await Credentials.load(
      options['rest.auth.users.file'],
      options['rest.auth.bearer.token'],
      extensionUsers(options['rest.extension.classes'], options['java.security.auth.login.config']),
    ),
    crossOrigin: origins.length === 0 ? null : new CrossOrigin(origins, methods),
    headers: parseResponseHeaders(options['response.http.headers.config']),
  }
}
