import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { secure, type ElasticsearchSecurity } from './elasticsearch-security.ts'
import { startEngineServer, type EngineServer } from './engine-server.ts'
import { freePort } from './free-port.ts'
import { java17, javaKit, QUICK_START } from './java.ts'
import { cachedDirectory, unpackArtifact } from './maven.ts'
import { RestCaller } from './rest-caller.ts'

export type ElasticsearchVersion = '7.17.29' | '8.7.1' | '8.10.2' | '8.19.21' | '9.2.0'

export type ElasticsearchServer = EngineServer<ElasticsearchVersion>

export interface ElasticsearchOptions {
  readonly version: ElasticsearchVersion
  /** It is measured, or works for long: it has 1 GB, and its best compiler. */
  readonly isLongRun?: boolean
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
  const { version, isLongRun = false, security = null } = options
  const [heap, javaOptions] = isLongRun ? ['1g', []] : ['512m', ['-XX:-UseG1GC', ...QUICK_START]]
  const distribution = await (security === null ? elasticsearchDistribution : withApiKeys)(version)
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
        ES_JAVA_OPTS: [`-Xms${heap}`, `-Xmx${heap}`, ...javaOptions].join(' '),
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

const ANALYSIS = fileURLToPath(new URL('SecurityIndexAnalysis.java', import.meta.url))

/** One that can make API keys: the build has all for it but the analysis of the index that holds them. */
function withApiKeys(version: ElasticsearchVersion): Promise<string> {
  return cachedDirectory(`elasticsearch-${version}-with-api-keys`, async (place) => {
    const home = join(place, 'elasticsearch')
    await cp(await elasticsearchDistribution(version), home, { recursive: true })
    const plugin = join(home, 'plugins', 'security-index-analysis')
    const classes = join(place, 'classes')
    const release = version.startsWith('9.') ? 21 : 17
    const kit = javaKit(release)
    run(
      join(kit, 'bin', 'javac'),
      '--release',
      String(release),
      '-cp',
      join(home, 'lib', '*'),
      '-d',
      classes,
      ANALYSIS,
    )
    await mkdir(plugin, { recursive: true })
    run(join(kit, 'bin', 'jar'), '--create', '--file', join(plugin, 'analysis.jar'), '-C', classes, '.')
    const descriptor = {
      name: 'security-index-analysis',
      description: 'analysis of the security index',
      version: '1',
      'elasticsearch.version': version,
      'java.version': String(release),
      classname: 'tailrace.test.SecurityIndexAnalysis',
    }
    const lines = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(join(plugin, 'plugin-descriptor.properties'), lines.join(''))
    return home
  })
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stdout}${stderr}`)
}
