import { ConnectError, describeError } from '../../api/errors.ts'
import { fail, type CapturedTopic, type Finding, type PreflightReport } from '../../api/preflight.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'

/** Findings about one thing. */
export interface Examined {
  readonly what: string
  readonly findings: readonly Finding[]
}

interface ExaminedConnectors {
  readonly examined: readonly Examined[]
  /** By the connector that would write them. */
  readonly topics: ReadonlyMap<string, readonly CapturedTopic[]>
}

/**
 * Each connector's world, sources first: sinks are held against what these capture. Throws
 * `connect.plugin-unknown`.
 */
export async function examineConnectors(
  connectors: readonly ConnectorOf[],
  { catalogue, signal }: { readonly catalogue: PluginCatalogue; readonly signal: AbortSignal },
): Promise<ExaminedConnectors> {
  const loaded = await Promise.all(
    connectors.map(async ({ name, config }) => ({
      name,
      config,
      plugin: await catalogue.loadConnector(config['connector.class'] ?? ''),
    })),
  )
  const examined: Examined[] = []
  const topics = new Map<string, readonly CapturedTopic[]>()
  for (const { name, config, plugin } of loaded.toSorted((a, b) => order(a.plugin) - order(b.plugin))) {
    const preflight = await plugin.loadPreflight?.()
    if (preflight === undefined) continue
    const captured = [...topics.values()].flat()
    const report = await preflight(config, { signal, topics: captured }).catch(refused)
    topics.set(name, report.topics ?? [])
    examined.push({ what: name, findings: report.findings })
  }
  return { examined, topics }
}

function order({ type }: { readonly type: 'source' | 'sink' }): number {
  return type === 'source' ? 0 : 1
}

/** Options that cannot be parsed say themselves what they should be. */
function refused(error: unknown): PreflightReport {
  if (!(error instanceof ConnectError)) throw error
  const remedy = { where: 'connector', apply: 'Correct the option that the message names' } as const
  return { findings: [fail('configuration', describeError(error), remedy)] }
}
