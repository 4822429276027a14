import { fail, ok, type Finding } from '../../api/preflight.ts'
import type { ServerAnswers } from './server-answers.ts'

interface Settings {
  readonly persistent?: Readonly<Record<string, string>>
  readonly transient?: Readonly<Record<string, string>>
}

/** Health, and blocks of the whole cluster. */
export async function lookAtCluster(server: ServerAnswers): Promise<Finding[]> {
  const findings: Finding[] = []
  const health = await server.get<{ status: string; unassigned_shards: number }>('/_cluster/health')
  if (health?.status === 'red') {
    findings.push(
      fail('health', `the cluster is red: ${health.unassigned_shards} shards have no node`, {
        where: 'by hand',
        apply: 'See GET /_cluster/allocation/explain, and bring back the nodes that it names',
      }),
    )
  } else if (health !== null) findings.push(ok('health', `the cluster is ${health.status}`))
  const settings = await server.get<Settings>('/_cluster/settings?flat_settings=true')
  for (const [scope, values] of Object.entries(settings ?? {})) {
    for (const name of ['cluster.blocks.read_only', 'cluster.blocks.read_only_allow_delete']) {
      if ((values as Record<string, string>)[name] !== 'true') continue
      findings.push(
        fail('cluster block', `the cluster takes no documents: ${name} is true`, {
          where: 'request',
          apply: `PUT /_cluster/settings {"${scope}":{"${name}":null}}`,
        }),
      )
    }
    if ((values as Record<string, string>)['action.auto_create_index'] === 'false') {
      findings.push(
        ok('auto_create_index', 'indices are not created by themselves; the sink creates its own'),
      )
    }
  }
  return findings
}
