import { describeError } from '../../api/errors.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { clientOptions } from './client-options.ts'
import { ElasticsearchClient, type Answer } from './client.ts'
import { describeFailure, parseFailureAnswer } from './elasticsearch-error.ts'
import { missingResourceIssues } from '../indices/external-resources.ts'
import { requestAgain } from './late-answers.ts'
import type { ElasticsearchConfig } from '../options/elasticsearch-options.ts'

export const CONNECTOR_VERSION = '15.1.3'

/** Asks the server who it is: it has to answer, to take the credentials, and to be new enough. */
export async function connectionIssues(
  options: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<readonly ConfigIssue[]> {
  const client = new ElasticsearchClient(clientOptions(options))
  const close = () => client.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    return await probe(client, options)
  } finally {
    signal.removeEventListener('abort', close)
    client.close()
  }
}

async function probe(
  client: ElasticsearchClient,
  options: ElasticsearchConfig,
): Promise<readonly ConfigIssue[]> {
  let answer: Answer | null = null
  let failure: unknown = null
  // One node that answers is enough.
  for (let tries = 0; answer === null && tries < options['connection.url'].length; tries++) {
    try {
      answer = await requestAgain(client, { method: 'GET', path: '/' })
    } catch (error) {
      failure = error
    }
  }
  if (answer === null) return unreachable(describeError(failure), options)
  const { status, bytes } = answer
  if (status === 401) {
    const suspects = credentialOptions(options['connection.auth'])
    const message = `Could not authenticate the user. Check the ${suspects.map((option) => `'${option}'`).join(' and ')}. Error message: ${describeFailure(parseFailureAnswer(status, bytes))}`
    return suspects.map((option) => ({ option, message }))
  }
  if (status >= 500) return unreachable(describeFailure(parseFailureAnswer(status, bytes)), options)
  const version = status === 200 ? oldVersion(bytes) : null
  if (version !== null) {
    const message = `Connector version ${CONNECTOR_VERSION} is not compatible with Elasticsearch version ${version}. Elasticsearch version must be at least 7.0.0.`
    return [{ option: 'connection.url', message }]
  }
  // Any other answer comes from a server that is there: `GET /` may be forbidden to the user (403), or missing (400, 404).
  return missingResourceIssues(client, options)
}

function credentialOptions(auth: string): readonly string[] {
  if (auth === 'api-key') return ['connection.api.key']
  if (auth === 'bearer') return ['connection.bearer.token']
  return ['connection.username', 'connection.password']
}

/** The version of an Elasticsearch that is too old. OpenSearch counts anew from 1 and says so in `distribution`. */
function oldVersion(bytes: Buffer): string | null {
  try {
    const { version } = JSON.parse(bytes.toString()) as {
      version?: { number?: unknown; distribution?: unknown }
    }
    if (typeof version?.number !== 'string' || version.distribution === 'opensearch') return null
    return Number.parseInt(version.number, 10) < 7 ? version.number : null
  } catch {
    return null
  }
}

/** Two messages, as the reference answers, and more for what may stand between. */
function unreachable(reason: string, options: ElasticsearchConfig): ConfigIssue[] {
  const about = (option: string, message: string) => ({ option, message })
  const between = (what: string) =>
    `Could not connect to Elasticsearch. Check your ${what} settings. Error message: ${reason}`
  const hasProxy = options['proxy.host'].trim() !== ''
  const proxyOptions = ['proxy.host', 'proxy.port', ...(options['proxy.username'] === '' ? [] : ['proxy.username', 'proxy.password'])] // prettier-ignore
  return [
    about('connection.url', `Could not connect to Elasticsearch. Error message: ${reason}`),
    about(
      'connection.url',
      `Could not initialize the Elasticsearch client. This may indicate the cluster is unreachable or there is a transient infrastructure issue: ${reason}`,
    ),
    ...(hasProxy ? proxyOptions.map((option) => about(option, between('proxy'))) : []),
  ]
}
