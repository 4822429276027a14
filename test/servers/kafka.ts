import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { JavaServer } from './java-server.ts'
import { java17, QUICK_START } from './java.ts'
import { testCache } from './test-cache.ts'

/** `TAILRACE_KAFKA_VERSION` for another release. */
const VERSION = process.env['TAILRACE_KAFKA_VERSION'] ?? '3.9.1'

export interface KafkaServer extends AsyncDisposable {
  readonly bootstrapServers: string
  /** The listener of `KafkaSecurity`; without it the same as `bootstrapServers`. */
  readonly secureServers: string
  /** Ends the broker and removes its data. */
  stop(): Promise<void>
  /** `kill -9`. The data stay until `stop`. */
  kill(): Promise<void>
  /** Ends it in good order, if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>
}

/** A second listener, SASL_SSL. */
export interface KafkaSecurity {
  /** Its settings, without `listener.name.secure.`: `ssl.keystore.location`, `sasl.enabled.mechanisms`, … */
  readonly listener: Readonly<Record<string, string>>
  /** Passwords by user, for SCRAM. */
  readonly users: Readonly<Record<string, string>>
}

/**
 * A real Kafka of its own for one test file: one node in KRaft mode, broker and controller in one.
 *
 * @param settings of the broker, over those that are set here
 */
export async function startKafka(
  settings: Readonly<Record<string, string>> = {},
  security?: KafkaSecurity,
  node: KafkaNode | null = null,
): Promise<KafkaServer> {
  const libraries = await kafkaLibraries()
  const place = await mkdtemp(join(tmpdir(), 'tailrace-kafka-'))
  const { nodeId, port, controllerPort, voters } = node ?? (await nodes(1))[0]!
  const securePort = await freePort()
  const bootstrapServers = `127.0.0.1:${port}`
  const secureServers = security === undefined ? bootstrapServers : `127.0.0.1:${securePort}`
  const secureListener = security === undefined ? '' : `,SECURE://${secureServers}`
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': voters,
    listeners: `PLAINTEXT://${bootstrapServers},CONTROLLER://127.0.0.1:${controllerPort}${secureListener}`,
    'advertised.listeners': `PLAINTEXT://${bootstrapServers}${secureListener}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(place, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    // After `kill` the broker waits for its own registration to time out.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    ...Object.fromEntries(
      Object.entries(security?.listener ?? {}).map(([name, value]) => [
        `listener.name.secure.${name}`,
        value,
      ]),
    ),
    ...settings,
  }
  const propertiesFile = join(place, 'server.properties')
  await writeFile(
    propertiesFile,
    Object.entries(properties)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  )
  const log4j = join(place, 'log4j.properties')
  await writeFile(
    log4j,
    [
      'log4j.rootLogger=WARN, out',
      'log4j.appender.out=org.apache.log4j.ConsoleAppender',
      'log4j.appender.out.layout=org.apache.log4j.PatternLayout',
      'log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n',
      '',
    ].join('\n'),
  )
  const java = join(java17(), 'bin', 'java')
  const classPath = ['-cp', join(libraries, '*')]
  const formatted = spawnSync(
    java,
    [
      ...QUICK_START,
      ...classPath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'dGFpbHJhY2UtdGVzdC0wMQ',
      '-c',
      propertiesFile,
      ...scramUsers(security?.users ?? {}),
    ],
    { encoding: 'utf8' },
  )
  if (formatted.status !== 0) throw new Error(`Kafka's storage: ${formatted.stdout}${formatted.stderr}`)

  const server = new JavaServer({
    name: `Kafka ${VERSION} on ${bootstrapServers}`,
    place,
    command: java,
    args: [
      // Of a cluster each takes little.
      ...(node === null ? ['-Xmx512m'] : ['-Xmx256m']),
      ...QUICK_START,
      `-Dlog4j.configuration=file:${log4j}`,
      ...classPath,
      'kafka.Kafka',
      propertiesFile,
    ],
    env: {},
    isReady: () => accepts(port),
    mayBeRoot: true,
  })
  await server.start()
  const stop = (): Promise<void> => server.stop()
  return {
    bootstrapServers,
    secureServers,
    stop,
    kill: () => server.end('SIGKILL'),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: stop,
  }
}

export type SharedKafka = Pick<KafkaServer, 'bootstrapServers'> & AsyncDisposable

/** On a broker that several test files share, each has a group of its own. */
const OWN_GROUP = `connect-cluster-${process.pid}`

/**
 * The broker that the files of one `npm test` share, or where this file runs by itself, one of its own: for tests that
 * neither end it nor look at what else it has. Their topics and groups have names that no other file uses.
 */
export async function sharedKafka(): Promise<SharedKafka> {
  const bootstrapServers = process.env[SHARED_KAFKA]
  if (bootstrapServers === undefined) return startKafka(SHARED_SETTINGS)
  return { bootstrapServers, [Symbol.asyncDispose]: () => Promise.resolve() }
}

/** Starts the broker that `sharedKafka` answers in processes that are started after this. */
export async function startSharedKafka(): Promise<AsyncDisposable> {
  const kafka = await startKafka(SHARED_SETTINGS)
  process.env[SHARED_KAFKA] = kafka.bootstrapServers
  return kafka
}

const SHARED_KAFKA = 'TAILRACE_TEST_KAFKA'
const SHARED_SETTINGS = { 'group.min.session.timeout.ms': '1000' }

/** The environment of workers that share what one group of a test's broker has. */
export function workersOnKafka(
  { bootstrapServers }: Pick<KafkaServer, 'bootstrapServers'>,
  group = OWN_GROUP,
): Record<string, string> {
  return {
    CONNECT_BOOTSTRAP_SERVERS: bootstrapServers,
    CONNECT_GROUP_ID: group,
    CONNECT_CONFIG_STORAGE_TOPIC: `${group}-configs`,
    CONNECT_OFFSET_STORAGE_TOPIC: `${group}-offsets`,
    CONNECT_STATUS_STORAGE_TOPIC: `${group}-status`,
    CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR: '1',
    CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: '1',
    CONNECT_STATUS_STORAGE_REPLICATION_FACTOR: '1',
  }
}

/**
 * Puts `kafka-acls.sh` of the broker's release into a directory.
 *
 * @param directory is created; goes in front of the path of who calls it
 */
export async function placeKafkaAcls(directory: string): Promise<void> {
  const libraries = await kafkaLibraries()
  const mainClass = VERSION.startsWith('3.') ? 'kafka.admin.AclCommand' : 'org.apache.kafka.tools.AclCommand'
  const command = [join(java17(), 'bin', 'java'), ...QUICK_START, '-cp', join(libraries, '*'), mainClass]
  await mkdir(directory, { recursive: true })
  const words = command.map((word) => `'${word}'`).join(' ')
  await writeFile(join(directory, 'kafka-acls.sh'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 })
}

/** A cluster of several, each broker and controller in one; topics of its own have a replica on each. */
export async function startKafkaCluster(count: number): Promise<KafkaServer[]> {
  const replicas = String(count)
  const settings = {
    // On a busy machine a broker is late now and then; that alone shall not move its leaders.
    'broker.session.timeout.ms': '6000',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'default.replication.factor': replicas,
    'min.insync.replicas': String(Math.min(2, count)),
  }
  await kafkaLibraries()
  // None of them listens before most of them have found each other.
  return Promise.all((await nodes(count)).map((node) => startKafka(settings, undefined, node)))
}

interface KafkaNode {
  readonly nodeId: number
  readonly port: number
  readonly controllerPort: number
  /** As every node has it. */
  readonly voters: string
}

async function nodes(count: number): Promise<KafkaNode[]> {
  const ids = Array.from({ length: count }, (_, i) => i + 1)
  const places: { nodeId: number; port: number; controllerPort: number }[] = []
  for (const nodeId of ids) places.push({ nodeId, port: await freePort(), controllerPort: await freePort() })
  const voters = places.map(({ nodeId, controllerPort }) => `${nodeId}@127.0.0.1:${controllerPort}`).join(',')
  return places.map((place) => ({ ...place, voters }))
}

function scramUsers(users: Readonly<Record<string, string>>): string[] {
  return Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  )
}

/** The directory with Kafka's jars, fetched once. */
async function kafkaLibraries(): Promise<string> {
  const libraries = join(testCache(), `kafka-${VERSION}`)
  if (existsSync(libraries)) return libraries
  await mkdir(testCache(), { recursive: true })
  const unfinished = await mkdtemp(`${libraries}-`)
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  await writeFile(
    join(unfinished, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tailrace</groupId><artifactId>test-kafka</artifactId><version>1</version><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
${dependency('org.apache.kafka', 'kafka-tools', VERSION)}
${VERSION.startsWith('3.') ? dependency('org.slf4j', 'slf4j-reload4j', '1.7.36') : ''}
</dependencies></project>
`,
  )
  const jars = join(unfinished, 'jars')
  const maven = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'],
    { encoding: 'utf8', cwd: unfinished },
  )
  if (maven.status !== 0) throw new Error(`Maven could not fetch Kafka: ${maven.stdout}${maven.stderr}`)
  // Another test file may have finished the same download meanwhile.
  await rename(jars, libraries).catch((error: unknown) => {
    if (!existsSync(libraries)) throw error
  })
  await rm(unfinished, { recursive: true, force: true })
  return libraries
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
