import type { ConnectorConfig } from '../../api/config-def.ts'
import { fail, ok, type Finding } from '../../api/preflight.ts'
import { targetNames } from './target-names.ts'
import type { ServerAnswers } from './server-answers.ts'

const NEEDED = ['create_index', 'index', 'delete', 'view_index_metadata', 'manage']

interface Privileges {
  readonly username: string
  readonly index: Readonly<Record<string, Readonly<Record<string, boolean>>>>
}

/** What the user may do with the indices, where Elasticsearch's security is on. */
export async function lookAtRights(server: ServerAnswers, config: ConnectorConfig): Promise<Finding[]> {
  const names = targetNames(config)
  if (names.length === 0) return []
  const { status, body } = await server.ask('POST', '/_security/user/_has_privileges', {
    index: [{ names, privileges: NEEDED }],
  })
  // Without security, and in OpenSearch, there is no such question.
  if (status !== 200) return []
  const { username, index } = body as Privileges
  const findings = Object.entries(index).flatMap(([name, privileges]) => {
    const missing = NEEDED.filter((privilege) => privileges[privilege] === false)
    if (missing.length === 0) return []
    const role = { indices: [{ names, privileges: NEEDED }], cluster: ['monitor'] }
    return [
      fail(`rights on ${name}`, `${username} has no ${missing.join(', ')} on ${name}`, {
        where: 'request',
        apply:
          `PUT /_security/role/tailrace ${JSON.stringify(role)}\n` +
          `PUT /_security/user/${username} {"roles":["tailrace"]}`,
      }),
    ]
  })
  return findings.length > 0 ? findings : [ok('rights', `${username} may write ${names.join(', ')}`)]
}
