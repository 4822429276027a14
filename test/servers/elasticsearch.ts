import { chmodSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secure, type ElasticsearchSecurity } from './elasticsearch-security.ts'
import { startEngineServer, type EngineServer } from './engine-server.ts'
import { freePort } from './free-port.ts'
import { java17, javaKit } from './java.ts'
import { cachedDirectory, unpackArtifact } from './maven.ts'
import { RestCaller } from './rest-caller.ts'

export type ElasticsearchVersion = '7.17.29' | '8.7.1' | '8.10.2' | '8.19.21' | '9.2.0'

export type ElasticsearchServer = EngineServer<ElasticsearchVersion>

export interface ElasticsearchOptions {
  readonly version: ElasticsearchVersion
  readonly heap?: string
  /** Without: anybody may do anything, over http. */
  readonly security?: ElasticsearchSecurity
  /** More lines for elasticsearch.yml. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * A real Elasticsearch of its own for one test file: one node, from the build that Elastic publishes for integration
 * tests on Maven (from 8.9 on it lacks the handler of `GET /`).
 */
export async function startElasticsearch(options: ElasticsearchOptions): Promise<ElasticsearchServer> {
  const { version, heap = '512m', security = null } = options
  const distribution = await elasticsearchDistribution(version)
  const place = await mkdtemp(join(tmpdir(), 'tailrace-es-'))
  const config = join(place, 'config')
  // Not the place itself: Elasticsearch may write there, and refuses to be able to write its configuration.
  const temporary = join(place, 'tmp')
  await mkdir(temporary)
  const port = await freePort()
  await cp(join(distribution, 'config'), config, { recursive: true })
  const settings = {
    'discovery.type': 'single-node',
    'http.port': String(port),
    'transport.port': String(await freePort()),
    'path.data': `${place}/data`,
    'path.logs': `${place}/logs`,
    ...(security === null && { 'xpack.security.enabled': 'false' }),
    ...(!version.startsWith('7.') && { 'xpack.security.enrollment.enabled': 'false' }),
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...(security !== null && (await secure(config, security))),
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`)
  await writeFile(join(config, 'elasticsearch.yml'), lines.join(''))
  // The distribution is shared and read-only, and its options want garbage collector logs and dumps in there.
  const jvmOptions = join(config, 'jvm.options')
  const jvmLines = (await readFile(jvmOptions, 'utf8'))
    .split('\n')
    .filter((line) => !/logs\/|=data/.test(line))
  await writeFile(jvmOptions, jvmLines.join('\n'))

  const url = `${security === null ? 'http' : 'https'}://127.0.0.1:${port}`
  return startEngineServer(
    { url, version, rest: new RestCaller(url, security) },
    {
      name: `Elasticsearch ${version} on ${url}`,
      command: join(distribution, 'bin', 'elasticsearch'),
      args: [],
      env: {
        ES_JAVA_HOME: version.startsWith('9.') ? javaKit(21) : java17(),
        ES_PATH_CONF: config,
        ES_TMPDIR: temporary,
        ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
      },
      place,
    },
  )
}

function elasticsearchDistribution(version: ElasticsearchVersion): Promise<string> {
  return cachedDirectory(`elasticsearch-${version}`, (place) => {
    unpackArtifact(`org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`, place)
    const unpacked = join(place, `elasticsearch-${version}`)
    for (const program of readdirSync(join(unpacked, 'bin'))) chmodSync(join(unpacked, 'bin', program), 0o755)
    return unpacked
  })
}
