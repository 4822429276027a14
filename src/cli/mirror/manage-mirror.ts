import type { ConnectorInfo } from '../../connect/herder.ts'
import { call, request } from '../worker-client.ts'
import { sinkName, sourceName } from './mirror-connectors.ts'
import { readPosition, statusOf, untilStopped } from './mirror-position.ts'
import { dropSlot } from './mirror-slot.ts'
import { refusal } from './mirrored-tables.ts'

/** `tailrace mirror status`: of one mirror, or of all. */
export async function showMirrors(url: string, name: string | undefined): Promise<void> {
  const names = name === undefined ? await mirrorNames(url) : [name]
  if (names.length === 0) return console.log('There is no mirror')
  for (const one of names) {
    const { source, sink } = await pair(url, one)
    const topics = sink.config['topics']!.split(',')
    const { captured, indexed, isSnapshotDone, problem } = await readPosition(url, one, topics)
    const states = await Promise.all([statusOf(url, source.name), statusOf(url, sink.name)])
    const doing = isSnapshotDone ? 'following' : 'reading the tables'
    console.log(
      `${one}\t${states.map((status) => status?.connector.state ?? 'UNASSIGNED').join('/')}\t${doing}\t` +
        `${captured} captured, ${indexed} in the index, ${captured - indexed} to come\t${topics.join(' ')}`,
    )
    if (problem !== null) console.log(`  ${problem}`)
  }
}

/** `tailrace mirror stop`: both connectors keep their places; `tailrace mirror` with the same flags goes on. */
export async function stopMirror(url: string, name: string): Promise<void> {
  const { source, sink } = await pair(url, name)
  for (const { name } of [source, sink])
    await call(url, 'PUT', `/connectors/${encodeURIComponent(name)}/stop`)
  console.log(
    `Stopped ${name}. Its slot ${source.config['slot.name']} holds back PostgreSQL's WAL until the mirror goes on or is removed.`,
  )
}

/** `tailrace mirror remove`: connectors, their offsets, slot and publication. Index and topics stay. */
export async function removeMirror(
  url: string,
  name: string,
  postgresUrl: string | undefined,
): Promise<void> {
  const { source, sink } = await pair(url, name)
  const server = postgresUrl ?? serverOf(source)
  for (const connector of [source.name, sink.name]) {
    const path = `/connectors/${encodeURIComponent(connector)}`
    await call(url, 'PUT', `${path}/stop`)
    await untilStopped(url, connector)
    await call(url, 'DELETE', `${path}/offsets`)
    await call(url, 'DELETE', path)
  }
  await dropSlot(server, source.config['slot.name']!, source.config['publication.name']!)
  console.log(`Removed ${name}, its replication slot and its publication. The index and the topics stay.`)
}

async function mirrorNames(url: string): Promise<string[]> {
  const all = (await call(url, 'GET', '/connectors?expand=info')) as Readonly<
    Record<string, { readonly info: ConnectorInfo }>
  >
  const suffix = sinkName('')
  return Object.values(all)
    .filter(({ info }) => info.config['mode'] === 'mirror' && info.name.endsWith(suffix))
    .map(({ info }) => info.name.slice(0, -suffix.length))
    .filter((name) => all[sourceName(name)] !== undefined)
}

async function pair(url: string, name: string): Promise<{ source: ConnectorInfo; sink: ConnectorInfo }> {
  const [source, sink] = await Promise.all(
    [sourceName(name), sinkName(name)].map(async (connector) => {
      const { status, body } = await request(url, 'GET', `/connectors/${encodeURIComponent(connector)}`)
      return status === 200 ? (body as ConnectorInfo) : null
    }),
  )
  if (source == null || sink == null) {
    const names = await mirrorNames(url)
    const others = names.length === 0 ? ', nor any other' : `; there is ${names.join(', ')}`
    throw refusal(
      `There is no mirror ${name} (connectors ${sourceName(name)} and ${sinkName(name)})${others}`,
    )
  }
  return { source, sink }
}

function serverOf({ config }: ConnectorInfo): string {
  const password = config['database.password'] ?? ''
  if (/^\*+$/.test(password)) {
    throw refusal('The worker does not show passwords: --postgres URL says where the slot is to be dropped')
  }
  const url = new URL('postgres://localhost')
  url.hostname = config['database.hostname']!
  url.port = config['database.port']!
  url.username = encodeURIComponent(config['database.user']!)
  url.password = encodeURIComponent(password)
  url.pathname = `/${encodeURIComponent(config['database.dbname']!)}`
  return url.href
}
