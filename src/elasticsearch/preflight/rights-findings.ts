import type { ConnectorConfig } from '../../api/config-def.ts'
import { fail, ok, type Finding, type Remedy } from '../../api/preflight.ts'
import { elasticsearchOptions } from '../options/elasticsearch-options.ts'
import { targetNames } from './target-names.ts'
import type { ServerAnswers } from './server-answers.ts'

const ROLE = 'tailrace'

interface Privileges {
  readonly username: string
  readonly index: Readonly<Record<string, Readonly<Record<string, boolean>>>>
}

interface Authenticated {
  readonly roles: readonly string[]
  readonly authentication_type?: string
}

/** What the user may do with the indices, where Elasticsearch's security is on. */
export async function lookAtRights(server: ServerAnswers, config: ConnectorConfig): Promise<Finding[]> {
  const names = targetNames(config)
  if (names.length === 0) return []
  const needed = neededPrivileges(config)
  const { status, body } = await server.ask('POST', '/_security/user/_has_privileges', {
    index: [{ names, privileges: needed }],
  })
  // Without security, and in OpenSearch, there is no such question.
  if (status !== 200) return []
  const { username, index } = body as Privileges
  const findings: Finding[] = []
  for (const [name, privileges] of Object.entries(index)) {
    const missing = needed.filter((privilege) => privileges[privilege] === false)
    if (missing.length === 0) continue
    const indices = [{ names, privileges: needed }]
    findings.push(
      fail(
        `rights on ${name}`,
        `${username} has no ${missing.join(', ')} on ${name}`,
        await remedyFor(server, username, { indices, cluster: ['monitor'] }),
      ),
    )
  }
  return findings.length > 0 ? findings : [ok('rights', `${username} may write ${names.join(', ')}`)]
}

/** To write documents; to map fields in an index that is there, where the sink does that itself; to empty it by query. */
function neededPrivileges(config: ConnectorConfig): string[] {
  const options = elasticsearchOptions.parse(config)
  const isMirror = options.mode === 'mirror'
  const mapsFields = !options['schema.ignore'] || options['mapping.types'] === 'source'
  return [
    'view_index_metadata',
    'create_index',
    'write',
    ...(isMirror ? ['read'] : []),
    ...(isMirror || mapsFields ? ['manage'] : []),
  ]
}

/** The role, and the user with it beside the roles that it has: a request replaces them all. */
async function remedyFor(server: ServerAnswers, username: string, role: object): Promise<Remedy> {
  const putRole = `PUT /_security/role/${ROLE} ${JSON.stringify(role)}`
  const { roles = [], authentication_type: kind = 'realm' } =
    (await server.get<Authenticated>('/_security/_authenticate')) ?? {}
  if (kind !== 'realm') {
    const descriptors = JSON.stringify({ [ROLE]: role })
    return { where: 'by hand', apply: `Make an API key with these role_descriptors: ${descriptors}` }
  }
  const all = JSON.stringify({ roles: [...new Set([...roles, ROLE])] })
  return { where: 'request', apply: `${putRole}\nPUT /_security/user/${encodeURIComponent(username)} ${all}` }
}
