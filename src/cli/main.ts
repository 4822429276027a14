#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { describeError } from '../api/errors.ts'
import type { PluginKind } from './create-plugin.ts'
import type { ReindexFlags } from './reindex.ts'
import type { BackupFlags } from './backup.ts'
import type { VerifyFlags } from './verify.ts'
import type { LoginFlags } from './worker-login.ts'
import type { TopicPlace } from './topics/topic-client.ts'
import { kafkaAddress, postgresAddress, searchAddress, workerAddress } from './addresses.ts'
import { completionScript, shellName, type Shell } from './completion.ts'
import { doctorCommand } from './doctor-command.ts'
import { mirrorCommands } from './mirror-commands.ts'
import { statusCommand, watchCommand } from './status-commands.ts'
import type { DemoOptions } from './demo/demo-options.ts'

requireNode(process.versions.node)

// Only commander is loaded here; each command loads its own module when it runs, so that `--help` and `worker` are quick.

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('tailrace')
  .description('Change data capture from PostgreSQL to Elasticsearch, compatible with Kafka Connect.')
  .version(version)
  .showSuggestionAfterError(false)
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) })

program
  .command('worker')
  .description('run a worker: REST API, connectors, and the embedded log')
  .argument('[file]', "worker properties, as Kafka Connect's connect-distributed.properties")
  .option(
    '--port <number>',
    'port of the REST API (default: listeners or rest.port of the file, else 8083 of this machine only)',
    port,
  )
  .option(
    '--data-dir <directory>',
    'where topics and state live (default: data.dir of the file, else .tailrace/worker)',
  )
  .option('--allow-unprotected', 'let everyone on the network use the REST API, without a login')
  .addHelpText(
    'after',
    '\nEvery worker property can come from the environment, as in container images: CONNECT_REST_PORT sets rest.port.',
  )
  .action(
    async (
      file: string | undefined,
      options: { port?: number; dataDir?: string; allowUnprotected?: true },
    ) => {
      const { runWorker } = await import('./run-worker.ts')
      await runWorker({ file, ...options, version })
    },
  )

const topics = program.command('topics').description('look at topics, of a worker or of a Kafka cluster')
topicPlace(topics.command('list'))
  .description('names of all topics')
  .action(async (place: TopicPlace) => (await import('./topics/show-topics.ts')).listTopics(place))
topicPlace(topics.command('describe'))
  .description('partitions and offsets of one topic')
  .argument('<topic>')
  .action(async (topic: string, place: TopicPlace) =>
    (await import('./topics/show-topics.ts')).describeTopic(place, topic),
  )

topicPlace(program.command('consume'))
  .description('print the records of a topic, and go on with those that come')
  .argument('<topic>')
  .option(
    '--from-beginning',
    'start with the first record that is there (default: with what comes from now on)',
  )
  .option(
    '--json',
    'a line of JSON for each record: partition, offset, key, value, headers (default: the value alone)',
  )
  .option('--until-end', 'end at the end offsets of the start')
  .option('--max-messages <number>', 'end after so many records', count)
  .option('--timeout-ms <number>', 'end when no record came for so long', count)
  .action(async (topic: string, options: TopicPlace & ConsumeFlags) =>
    (await import('./topics/consume.ts')).consume(options, topic, options),
  )

topicPlace(program.command('produce'))
  .description('append records from standard input: lines of JSON as consume --json prints them')
  .argument('<topic>')
  .option('--partitions <number>', 'create the topic with so many partitions where there is none', count)
  .option(
    '--repartition',
    'let the keys choose the partitions, as Kafka does, in place of what the lines say',
  )
  .action(async (topic: string, options: TopicPlace & ProduceFlags) =>
    (await import('./topics/produce.ts')).produce(options, topic, options),
  )

const connectors = program.command('connectors').description('look at and change the connectors of a worker')
worker(connectors.command('list'))
  .description('names and states of all connectors')
  .action(async ({ url }: WorkerUrl) => (await import('./manage-connectors.ts')).listConnectors(url))
worker(connectors.command('status'))
  .description('state of a connector and its tasks, with the error of what failed')
  .argument('<name>')
  .action(async (name: string, { url }: WorkerUrl) =>
    (await import('./manage-connectors.ts')).showStatus(url, name),
  )
watchCommand(worker(connectors.command('watch')))
worker(connectors.command('create'))
  .description('create a connector from a JSON file {"name", "config"}')
  .argument('<file>')
  .action(async (file: string, { url }: WorkerUrl) =>
    (await import('./manage-connectors.ts')).createConnector(url, file),
  )
worker(connectors.command('delete'))
  .description('delete a connector; its topics stay')
  .argument('<name>')
  .action(async (name: string, { url }: WorkerUrl) =>
    (await import('./manage-connectors.ts')).deleteConnector(url, name),
  )

statusCommand(worker(program.command('status')))

worker(program.command('verify'))
  .description(
    'compare the index of a sink with its tables: exit status 1 where documents are missing, stale or extra',
  )
  .argument('<connector>', 'the sink, whose ids are keys of rows')
  .option('--repair', 'write or delete what differs, without getting in the way of changes')
  .option('--json', 'the result as a line of JSON')
  .action(async (connector: string, flags: VerifyFlags) =>
    (await import('./verify.ts')).verify(connector, flags),
  )

mirrorCommands(worker(program.command('mirror')), { version, port })

doctorCommand(program.command('doctor'))

worker(program.command('reindex'))
  .description(
    'fill a new index for a sink while the old one serves, then swap them at once; goes on with what was interrupted',
  )
  .argument('<connector>', 'the sink')
  .addOption(
    new Option(
      '--from <place>',
      'what to fill it from: all that the topics hold (default), or the tables',
    ).choices(['log', 'snapshot']),
  )
  .option('--delete-old', 'delete the old index; has to be, where its name becomes the alias of the new one')
  .option('--accept-fewer', 'swap even if the new index has fewer documents')
  .option('--status', 'only tell how far it is')
  .option('--abort', 'end it and delete the new index')
  .option('--json', 'the result as a line of JSON')
  .action(async (connector: string, flags: ReindexFlags) =>
    (await import('./reindex.ts')).reindex(connector, flags),
  )

worker(program.command('backup'))
  .description(
    'copy the data directory of a worker while it runs: topics, offsets and connectors of one moment, to start a worker on',
  )
  .argument('<directory>', "made, or empty; on the worker's machine")
  .option('--json', 'the result as a line of JSON')
  .action(async (directory: string, flags: BackupFlags) =>
    (await import('./backup.ts')).backUp(directory, flags),
  )

program
  .command('hash-password')
  .description('hash a password from standard input, for the users file of the REST API')
  .action(async () => (await import('./hash-password.ts')).printPasswordHash())

program
  .command('completion')
  .description('print what a shell reads to complete commands: tailrace completion bash >> ~/.bashrc')
  .argument('<shell>', 'bash, zsh or fish', shellName)
  .action((shell: Shell) => {
    process.stdout.write(completionScript(program, shell))
  })

program
  .command('create-plugin')
  .description(
    'write a plugin of your own to start from: a directory with a source, sink or transformation that works',
  )
  .argument('<directory>', 'its last part is the name of the package')
  .addOption(
    new Option('--kind <kind>', 'what it is').choices(['source', 'sink', 'transformation']).default('source'),
  )
  .action(async (directory: string, { kind }: { kind: PluginKind }) =>
    (await import('./create-plugin.ts')).createPlugin(directory, kind, version),
  )

program
  .command('demo')
  .description('the walk-through: PostgreSQL, a worker and a search node, with rows on their way (npm start)')
  .option('--once', 'end when every row was found in the index: exit status 0, otherwise 1 with the reason')
  .option('--reset', 'forget everything that earlier runs with these servers kept in .tailrace')
  .option(
    '--postgres <url>',
    'use this server (wal_level=logical) in place of the embedded one: postgres://USER:PASSWORD@HOST:PORT',
    postgresAddress,
  )
  .option(
    '--elasticsearch <url>',
    'use this server in place of the embedded search node: http://[USER:PASSWORD@]HOST:PORT',
    searchAddress,
  )
  .option(
    '--kafka <brokers>',
    'keep the topics in this Kafka cluster in place of the embedded log: HOST:PORT,HOST:PORT',
    kafkaAddress,
  )
  .action(async (options: Omit<DemoOptions, 'version'>) => {
    const { runDemo } = await import('./demo/run-demo.ts')
    await runDemo({ ...options, version })
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`tailrace: ${oneLine(describeError(error))}\n`)
  process.exitCode ??= 1
}

interface WorkerUrl {
  readonly url: string
}

interface ProduceFlags {
  readonly partitions?: number
  readonly repartition?: true
}

interface ConsumeFlags {
  readonly fromBeginning?: true
  readonly json?: true
  readonly untilEnd?: true
  readonly maxMessages?: number
  readonly timeoutMs?: number
}

/** A command about topics: of a worker, or with `--bootstrap-server` of a Kafka cluster. */
function topicPlace(command: Command): Command {
  return worker(command)
    .option('--bootstrap-server <brokers>', 'a Kafka cluster in place of a worker: HOST:PORT,HOST:PORT')
    .option('--command-config <file>', 'properties for these brokers: security.protocol, sasl.jaas.config, …')
}

/** A command that talks to a worker. */
function worker(command: Command): Command {
  const url = new Option('--url <url>', 'REST API of the worker')
  return command
    .addOption(url.default('http://127.0.0.1:8083').env('TAILRACE_URL').argParser(workerAddress))
    .addOption(
      new Option('--user <name>', 'log in as this user; the password is asked for').env('TAILRACE_USER'),
    )
    .option('--password-file <file>', 'the password in place of the question, or TAILRACE_PASSWORD')
    .addOption(new Option('--token <token>', 'log in with this token').env('TAILRACE_TOKEN'))
    .addOption(
      new Option('--cacert <file>', "the authority of the worker's certificate, as PEM").env(
        'TAILRACE_CACERT',
      ),
    )
    .hook('preAction', async () => {
      const flags = command.opts<LoginFlags>()
      const { authorizationOf, trustAuthority } = await import('./worker-login.ts')
      const { logIn } = await import('./worker-client.ts')
      if (flags.cacert !== undefined) await trustAuthority(flags.cacert)
      logIn(await authorizationOf(flags, process.env))
    })
}

function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('It must be a number from 0 to 65535.')
}

function count(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** `node:sqlite` is why; its absence would be reported as a missing module. */
function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 22)) return
  process.stderr.write(`tailrace: Node.js 22.22 or newer is needed, and this is ${version}\n`)
  process.exit(1)
}

/** Lines that end without a mark are items of a list. */
function oneLine(text: string): string {
  return text.trim().replace(/([:;.,]?)\s*\n\s*/g, (_, mark: string) => `${mark || ';'} `)
}
