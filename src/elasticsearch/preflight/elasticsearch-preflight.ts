import type { ConnectorConfig } from '../../api/config-def.ts'
import { describeError } from '../../api/errors.ts'
import { fail, type Finding, type PreflightContext, type PreflightReport } from '../../api/preflight.ts'
import { ElasticsearchClient } from '../client/client.ts'
import { sinkOptions } from '../sink-options.ts'
import { lookAtCluster } from './cluster-findings.ts'
import { lookAtDisks } from './disk-findings.ts'
import { lookAtIndices } from './index-findings.ts'
import { lookAtRights } from './rights-findings.ts'
import { ServerAnswers } from './server-answers.ts'
import { lookAtServer } from './server-findings.ts'

/** What the sink needs of its server. */
export async function elasticsearchPreflight(
  config: ConnectorConfig,
  { signal, topics }: PreflightContext,
): Promise<PreflightReport> {
  const options = sinkOptions(config)
  const client = new ElasticsearchClient(options.client)
  const close = () => client.close()
  signal.addEventListener('abort', close)
  try {
    const server = new ServerAnswers(client)
    const { findings, isReady } = await lookAtServer(server, client.name)
    if (!isReady) return { findings }
    return { findings: [...findings, ...(await lookFurther(server, { config, topics }))] }
  } catch (error) {
    return { findings: [unreachable(client.name, error)] }
  } finally {
    signal.removeEventListener('abort', close)
    client.close()
  }
}

async function lookFurther(
  server: ServerAnswers,
  { config, topics }: { readonly config: ConnectorConfig; readonly topics: PreflightContext['topics'] },
): Promise<Finding[]> {
  return [
    ...(await lookAtCluster(server)),
    ...(await lookAtDisks(server)),
    ...(await lookAtRights(server, config)),
    ...(await lookAtIndices(server, config, topics)),
  ]
}

function unreachable(name: string, error: unknown): Finding {
  return fail('connection', describeError(error), {
    where: 'by hand',
    apply: `Start Elasticsearch or OpenSearch at ${name}, or correct connection.url`,
  })
}
