import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unprivilegedUser } from '../../src/embedded/postgres/unprivileged-user.ts'
import { waitFor } from '../wait-for.ts'
import { freePort } from './free-port.ts'
import { javaHome, missingForJavaServers } from './java.ts'
import { testCache } from './test-cache.ts'

export type ElasticsearchVersion = '8.7.1' | '8.10.2'

export interface ElasticsearchServer extends AsyncDisposable {
  readonly url: string
  readonly version: ElasticsearchVersion
  /** Ends the server and removes its data. */
  stop(): Promise<void>
  /** `kill -9`. The data stay until `stop`. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, after `kill`. */
  restart(): Promise<void>
}

/**
 * A real Elasticsearch of its own for one test file: one node, no security, from the build that Elastic publishes for
 * integration tests on Maven (from 8.9 on it lacks the handler of `GET /`).
 */
export async function startElasticsearch(options: {
  readonly version: ElasticsearchVersion
  readonly heap?: string
}): Promise<ElasticsearchServer> {
  const { version, heap = '512m' } = options
  const missing = missingForJavaServers()
  if (missing !== null) throw new Error(`This test needs ${missing}.`)
  const user = unprivilegedUser()
  const distribution = await elasticsearchDistribution(version)
  const place = await mkdtemp(join(tmpdir(), 'tailrace-es-'))
  const port = await freePort()
  await cp(join(distribution, 'config'), join(place, 'config'), { recursive: true })
  await writeFile(
    join(place, 'config', 'elasticsearch.yml'),
    [
      'discovery.type: single-node',
      `http.port: ${port}`,
      `transport.port: ${await freePort()}`,
      `path.data: ${place}/data`,
      `path.logs: ${place}/logs`,
      'xpack.security.enabled: false',
      'xpack.security.enrollment.enabled: false',
      'cluster.routing.allocation.disk.threshold_enabled: false',
      '',
    ].join('\n'),
  )
  // The distribution is shared and read-only, and its options want garbage collector logs and dumps in there.
  const jvmOptions = join(place, 'config', 'jvm.options')
  const jvmLines = (await readFile(jvmOptions, 'utf8'))
    .split('\n')
    .filter((line) => !/logs\/|=data/.test(line))
  await writeFile(jvmOptions, jvmLines.join('\n'))
  if (user !== null) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, place])
  const url = `http://127.0.0.1:${port}`

  const start = async () => {
    const child = spawn(join(distribution, 'bin', 'elasticsearch'), [], {
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
      cwd: place,
      // A process group of its own: the launcher starts the server as a second process, and both have to go.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: place,
        ES_JAVA_HOME: javaHome(17)!,
        ES_PATH_CONF: join(place, 'config'),
        ES_TMPDIR: place,
        ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
      },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-4000)))
    }
    const closed = once(child, 'close')
    const running = { pid: child.pid!, closed, hasEnded: false }
    void closed.then(() => (running.hasEnded = true))
    await waitFor(
      `Elasticsearch ${version} to answer on ${url}`,
      async () => {
        if (running.hasEnded) return 'ended'
        const answer = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(2000) })
        return answer.ok && 'ready'
      },
      { deadlineMs: 120_000 },
    )
    if (running.hasEnded) throw new Error(`Elasticsearch ${version} ended while it started: ${output}`)
    return running
  }
  let server = await start().catch(async (error: unknown) => {
    await rm(place, { recursive: true, force: true })
    throw error
  })
  const end = async (signal: NodeJS.Signals) => {
    if (!server.hasEnded) signalGroup(server.pid, signal)
    await server.closed
  }
  const onExit = () => {
    if (!server.hasEnded) signalGroup(server.pid, 'SIGKILL')
    rmSync(place, { recursive: true, force: true })
  }
  process.once('exit', onExit)
  const stop = async () => {
    // Nothing of it is wanted any more; an orderly end would take seconds.
    await end('SIGKILL')
    process.off('exit', onExit)
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
  return {
    url,
    version,
    stop,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      server = await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}

async function elasticsearchDistribution(version: ElasticsearchVersion): Promise<string> {
  const cache = testCache()
  const distribution = join(cache, `elasticsearch-${version}`)
  if (existsSync(distribution)) return distribution
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${distribution}-`)
  chmodSync(unfinished, 0o755)
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`
  const maven = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${unfinished}`],
    // Without a project Maven leaves a directory of its own where it was called.
    { encoding: 'utf8', cwd: unfinished },
  )
  if (maven.status !== 0) throw new Error(`Maven could not fetch ${artifact}: ${maven.stdout}${maven.stderr}`)
  const unpacked = join(unfinished, `elasticsearch-${version}`)
  for (const program of readdirSync(join(unpacked, 'bin'))) chmodSync(join(unpacked, 'bin', program), 0o755)
  // Another test file may have finished the same download meanwhile.
  await rename(unpacked, distribution).catch((error: unknown) => {
    if (!existsSync(distribution)) throw error
  })
  await rm(unfinished, { recursive: true, force: true })
  return distribution
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended already.
  }
}
