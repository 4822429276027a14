import { styleText } from 'node:util'
import { ConfigError } from '../../api/errors.ts'
import type { Finding, Remedy } from '../../api/preflight.ts'
import type { Examined } from '../../connect/preflight/examine-connectors.ts'
import { readConnectorFile, type ConnectorFile } from '../manage-connectors.ts'
import { readProperties } from '../read-properties.ts'
import { databaseOf, mirrorConnectors } from '../mirror/mirror-connectors.ts'
import { examineDataDirectory, examineFiles, examineKafka } from './examine.ts'

export interface DoctorFlags {
  readonly postgres?: string
  readonly tables?: string
  readonly elasticsearch?: string
  readonly kafka?: string
  readonly properties?: string
  readonly dataDir?: string
  readonly json?: true
}

/** `tailrace doctor`: exit status 1 where something fails. Throws where there is nothing to look at. */
export async function runDoctor(files: readonly string[], flags: DoctorFlags): Promise<void> {
  const connectors = [...(await Promise.all(files.map((file) => readConnectorFile(file)))), ...ofFlags(flags)]
  const properties = await workerProperties(flags)
  const ofConnectors = await examineFiles(connectors, properties)
  const examined = [
    ...ofConnectors.examined,
    ...(properties['bootstrap.servers'] === undefined
      ? []
      : [await examineKafka(properties, ofConnectors.needed)]),
    ...(properties['data.dir'] === undefined ? [] : [await examineDataDirectory(properties['data.dir'])]),
  ]
  if (examined.length === 0) {
    throw new ConfigError(
      'cli.doctor-idle',
      'There is nothing to look at: give connector files, --postgres, --elasticsearch, --kafka, --properties or --data-dir',
    )
  }
  const findings = examined.flatMap((one) => one.findings)
  if (findings.some(({ level }) => level === 'FAIL')) process.exitCode = 1
  if (flags.json) console.log(JSON.stringify(examined))
  else console.log(examined.map(text).join('\n'))
}

/** As `tailrace mirror` would make them; with one of the two servers, its connector alone. */
function ofFlags({ postgres, elasticsearch, tables }: DoctorFlags): ConnectorFile[] {
  if (postgres === undefined && elasticsearch === undefined) return []
  const names = (tables ?? '').split(',').map((table) => table.trim())
  const isNamed = tables !== undefined && !names.includes('')
  const { source, sink } = mirrorConnectors({
    name: postgres === undefined ? 'mirror' : databaseOf(new URL(postgres)),
    postgres: postgres ?? 'postgres://nobody@localhost',
    elasticsearch: elasticsearch ?? 'http://localhost:9200',
    tables: isNamed ? names.map(splitName) : [],
    sourceOptions: [],
    sinkOptions: [],
  })
  return [...(postgres === undefined ? [] : [source]), ...(elasticsearch === undefined ? [] : [sink])]
}

/** A name of one part is in `public`: no server is asked here. */
function splitName(name: string): { schema: string; table: string } {
  const at = name.indexOf('.')
  return at < 0 ? { schema: 'public', table: name } : { schema: name.slice(0, at), table: name.slice(at + 1) }
}

async function workerProperties({
  properties,
  kafka,
  dataDir,
}: DoctorFlags): Promise<Record<string, string>> {
  const fromFile = properties === undefined ? {} : await readProperties(properties, 'worker properties')
  return {
    ...fromFile,
    ...(kafka === undefined ? {} : { 'bootstrap.servers': kafka }),
    ...(dataDir === undefined ? {} : { 'data.dir': dataDir }),
  }
}

const COLOURS = { OK: 'green', WARN: 'yellow', FAIL: 'red' } as const

function text({ what, findings }: Examined): string {
  return [styleText('bold', what, { stream: process.stdout }), ...findings.map(line)].join('\n')
}

function line({ level, check, message, remedy }: Finding): string {
  const mark = styleText(COLOURS[level], level.padEnd(4), { stream: process.stdout })
  const said = `  ${mark}  ${check}: ${message}`
  return remedy === undefined ? said : `${said}\n        ${remedyText(remedy).replaceAll('\n', '\n        ')}`
}

function remedyText({ apply, thenRestart }: Remedy): string {
  return thenRestart === true ? `${apply}  -- and restart the server` : apply
}
