import { Option, type Command } from 'commander'
import { postgresAddress, searchAddress } from './addresses.ts'
import type { MirrorFlags } from './mirror/run-mirror.ts'

interface MirrorOptions extends MirrorFlags {
  readonly url: string
  readonly port?: number
  readonly dataDir?: string
}

/** `tailrace mirror` and the commands below it. */
export function mirrorCommands(
  mirror: Command,
  { version, port }: { readonly version: string; readonly port: (text: string) => number },
): void {
  mirror
    .description('keep search indices as tables are: creates the connectors, shows the snapshot, and follows')
    .addOption(
      new Option(
        '--postgres <url>',
        'the database (wal_level=logical): postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      )
        .env('TAILRACE_POSTGRES')
        .argParser(postgresAddress),
    )
    .option('--tables <names>', 'as in SQL, with commas between: public.orders,public.items')
    .addOption(
      new Option(
        '--elasticsearch <url>',
        'the search server, OpenSearch too: http://[USER:PASSWORD@]HOST:PORT',
      )
        .env('TAILRACE_ELASTICSEARCH')
        .argParser(searchAddress),
    )
    .option(
      '--name <name>',
      'of the mirror, its connectors, topics and indices (default: that of the database)',
    )
    .addOption(further('--source-option <option>', 'source'))
    .addOption(further('--sink-option <option>', 'sink'))
    .option('--print', 'only print the connectors as JSON, passwords included')
    .option('--once', 'end when every row is in the index')
    .option(
      '--data-dir <directory>',
      'of the worker that is started when none answers (default: .tailrace/worker)',
    )
    .option('--port <number>', 'where this worker answers, and is looked for first (default: 8083)', port)
    .action(async (options: MirrorOptions, command: Command) => {
      const isNamed = command.getOptionValueSource('url') !== 'default'
      const url = options.port === undefined ? options.url : `http://127.0.0.1:${options.port}`
      const { dataDir } = options
      const worker = { url, isNamed, version, ...(dataDir === undefined ? {} : { dataDir }) }
      await (await import('./mirror/run-mirror.ts')).runMirror(options, worker)
    })
  mirror
    .command('status')
    .description('how far a mirror is, or all of them')
    .argument('[name]')
    .action(async (name: string | undefined) =>
      (await import('./mirror/manage-mirror.ts')).showMirrors(mirror.opts<MirrorOptions>().url, name),
    )
  mirror
    .command('stop')
    .description('stop a mirror; the same mirror command goes on from there')
    .argument('<name>')
    .action(async (name: string) =>
      (await import('./mirror/manage-mirror.ts')).stopMirror(mirror.opts<MirrorOptions>().url, name),
    )
  mirror
    .command('remove')
    .description(
      'remove connectors, replication slot and publication of a mirror; its indices and topics stay',
    )
    .argument('<name>')
    .action(async (name: string) => {
      const { url, postgres } = mirror.opts<MirrorOptions>()
      await (await import('./mirror/manage-mirror.ts')).removeMirror(url, name, postgres)
    })
}

/** May be given several times. */
function further(flag: string, of: 'source' | 'sink'): Option {
  return new Option(flag, `a further option of the ${of}: NAME=VALUE; as often as needed`)
    .argParser(collect)
    .default([], 'none')
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
