import { fail, ok, warn, type Finding } from '../../api/preflight.ts'
import type { ServerAnswers } from './server-answers.ts'

interface Allocation {
  readonly node: string
  readonly 'disk.percent': string | null
  readonly 'disk.avail': string | null
}

type SettingsOfAll = Readonly<
  Record<'persistent' | 'transient' | 'defaults', Readonly<Record<string, string>> | undefined>
>

const WATERMARKS = 'cluster.routing.allocation.disk.watermark'
const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 }

/** Nodes beyond a watermark: from the last one on, indices take no documents. */
export async function lookAtDisks(server: ServerAnswers): Promise<Finding[]> {
  const [nodes, settings] = await Promise.all([
    server.get<readonly Allocation[]>('/_cat/allocation?format=json&bytes=b'),
    server.get<SettingsOfAll>('/_cluster/settings?include_defaults=true&flat_settings=true'),
  ])
  if (nodes === null || settings === null || !Array.isArray(nodes)) return []
  const findings = nodes.flatMap((node) => diskFinding(node as Allocation, settings))
  return findings.length > 0 || nodes.length === 0
    ? findings
    : [ok('disk', 'every node is below its disk watermarks')]
}

function diskFinding(node: Allocation, settings: SettingsOfAll): Finding[] {
  if (node['disk.percent'] === null || node['disk.avail'] === null) return []
  for (const mark of ['flood_stage', 'high'] as const) {
    const name = `${WATERMARKS}.${mark}`
    const scope = (['transient', 'persistent', 'defaults'] as const).find((one) => settings[one]?.[name])
    const limit = scope === undefined ? undefined : settings[scope]![name]
    if (limit === undefined || !isBeyond(node, limit)) continue
    const message = `node ${node.node} has used ${node['disk.percent']} % of its disk, beyond ${mark} (${limit})`
    const remedy =
      scope === 'defaults'
        ? ({
            where: 'by hand',
            apply: `Free or add disk space of node ${node.node}: delete indices, or add a node`,
          } as const)
        : ({
            where: 'request',
            apply: `PUT /_cluster/settings {"${scope}":{"${WATERMARKS}.low":null,"${WATERMARKS}.high":null,"${WATERMARKS}.flood_stage":null}}`,
          } as const)
    return [mark === 'flood_stage' ? fail('disk', message, remedy) : warn('disk', message, remedy)]
  }
  return []
}

/** @param limit `90%`, `0.9`: of used space; `10gb`: of free space */
function isBeyond(node: Allocation, limit: string): boolean {
  const used = Number(node['disk.percent'])
  const [, number = '', unit = ''] = /^([\d.]+)(%|[a-z]*)$/i.exec(limit.trim()) ?? []
  if (unit === '%') return used >= Number(number)
  const bytes = UNITS[unit.toLowerCase()]
  if (bytes === undefined) return used >= Number(number) * 100
  return Number(node['disk.avail']) <= Number(number) * bytes
}
