import { fail, ok, warn, type Finding } from '../../api/preflight.ts'
import type { JsonAnswer, ServerAnswers } from './server-answers.ts'

const OLDEST = { elasticsearch: [7, 17], opensearch: [2, 0] } as const

/** Whether the server answers, takes the login, and is of a version that is known to work. */
export async function lookAtServer(
  server: ServerAnswers,
  name: string,
): Promise<{ readonly findings: readonly Finding[]; readonly isReady: boolean }> {
  const answer = await server.ask('GET', '/')
  if (answer.status === 401) {
    const finding = fail('login', `${name} refuses the login`, {
      where: 'connector',
      apply:
        'Correct connection.username and connection.password, or set connection.auth with an API key or a token',
    })
    return { findings: [finding], isReady: false }
  }
  const version = versionFinding(answer)
  const login = ok('connection', `${name} answers`)
  return { findings: version === null ? [login] : [login, version], isReady: true }
}

/** Null: `GET /` is forbidden or missing, as with some that are managed. */
function versionFinding({ status, body }: JsonAnswer): Finding | null {
  const version = (
    body as { readonly version?: { readonly number?: string; readonly distribution?: string } } | null
  )?.version
  if (status !== 200 || typeof version?.number !== 'string') return null
  const kind = version.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch'
  const name = `${kind === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${version.number}`
  const [major = 0, minor = 0] = version.number.split('.').map(Number)
  const [oldMajor, oldMinor] = OLDEST[kind]
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return ok('version', name)
  return warn('version', `${name} is older than ${oldMajor}.${oldMinor}, the oldest that was tested`, {
    where: 'by hand',
    apply: `Upgrade it to ${oldMajor}.${oldMinor} or newer`,
  })
}
