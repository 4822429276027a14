import type { GroupProtocol } from '../../log/group-membership.ts'
import type { TaskId } from '../herder.ts'
import { ProtocolReader, ProtocolWriter } from './connect-protocol-bytes.ts'
import type { ConnectProtocolName, WorkerShare } from './worker-assignment.ts'

/**
 * What workers tell each other when they join a group of type `connect`, as Kafka Connect 4.3 writes it. All numbers
 * are big-endian; strings and byte arrays have their length in front.
 */
export const PROTOCOL_TYPE = 'connect'

/** The names in the group, the one preferred most first, with the version number that the bytes begin with. */
const PROTOCOLS = [
  { name: 'sessioned', version: 2, offeredBy: ['sessioned'] },
  { name: 'compatible', version: 1, offeredBy: ['sessioned', 'compatible'] },
  { name: 'default', version: 0, offeredBy: ['sessioned', 'compatible', 'eager'] },
] as const satisfies readonly {
  readonly name: string
  readonly version: number
  readonly offeredBy: readonly ConnectProtocolName[]
}[]

const SESSIONED_VERSION = 2
const EAGER_VERSION = 0
const NO_ERROR = 0
const CONFIG_MISMATCH = 1
/** Stands among the task numbers for the connector itself. */
const CONNECTOR_ITSELF = -1

export interface WorkerMetadata {
  readonly url: string
  /** Up to where the worker has read the config topic. */
  readonly configOffset: bigint
  /** What it has; null: nothing was ever assigned to it. */
  readonly assignment: AssignmentMessage | null
}

export interface AssignmentMessage {
  /** The leader had not read the config topic far enough to assign anything. */
  readonly failed: boolean
  readonly leaderId: string
  readonly leaderUrl: string
  readonly configOffset: bigint
  /** In the incremental protocols: what the worker gets in addition to what it has. */
  readonly assigned: WorkerShare
  readonly revoked: WorkerShare
  readonly delayMs: number
}

/** The eager protocol of a round has all workers give up everything first. */
export function isEager(protocol: string): boolean {
  return versionOf(protocol) === EAGER_VERSION
}

/** In the newest protocol workers sign what they ask of each other. */
export function isSessioned(protocol: string): boolean {
  return versionOf(protocol) === SESSIONED_VERSION
}

/** What a worker offers when it joins. */
export function offeredProtocols(offer: ConnectProtocolName, metadata: WorkerMetadata): GroupProtocol[] {
  return PROTOCOLS.filter(({ offeredBy }) => offeredBy.some((name) => name === offer)).map(({ name }) => ({
    name,
    metadata: encodeMetadata(name, metadata),
  }))
}

export function encodeMetadata(protocol: string, { url, configOffset, assignment }: WorkerMetadata): Buffer {
  const version = versionOf(protocol)
  const writer = new ProtocolWriter().int16(version).string(url).int64(configOffset)
  if (version > EAGER_VERSION) {
    writer.nullableBytes(assignment === null ? null : encodeAssignment(protocol, assignment))
  }
  return writer.finish()
}

/** Reads any version, later ones as far as their fields are known. */
export function decodeMetadata(bytes: Buffer): WorkerMetadata {
  const reader = new ProtocolReader(bytes)
  const version = reader.int16()
  const [url, configOffset] = [reader.string(), reader.int64()]
  const held = version > EAGER_VERSION ? reader.nullableBytes() : null
  return { url, configOffset, assignment: held === null ? null : decodeAssignment(held) }
}

export function encodeAssignment(protocol: string, assignment: AssignmentMessage): Buffer {
  const version = versionOf(protocol)
  const writer = new ProtocolWriter()
    .int16(version)
    .int16(assignment.failed ? CONFIG_MISMATCH : NO_ERROR)
    .string(assignment.leaderId)
    .string(assignment.leaderUrl)
    .int64(assignment.configOffset)
  writeShare(writer, assignment.assigned)
  if (version > EAGER_VERSION) {
    writeShare(writer, assignment.revoked)
    writer.int32(assignment.delayMs)
  }
  return writer.finish()
}

export function decodeAssignment(bytes: Buffer): AssignmentMessage {
  const reader = new ProtocolReader(bytes)
  const version = reader.int16()
  const head = {
    failed: reader.int16() !== NO_ERROR,
    leaderId: reader.string(),
    leaderUrl: reader.string(),
    configOffset: reader.int64(),
    assigned: readShare(reader),
  }
  if (version === EAGER_VERSION || reader.isAtEnd) return { ...head, revoked: NOTHING, delayMs: 0 }
  const revoked = readShare(reader)
  return { ...head, revoked, delayMs: reader.isAtEnd ? 0 : reader.int32() }
}

const NOTHING: WorkerShare = { connectors: [], tasks: [] }

/** By connector, in the order in which they come, the connector itself before its tasks. */
function writeShare(writer: ProtocolWriter, { connectors, tasks }: WorkerShare): void {
  const numbers = new Map<string, number[]>()
  for (const connector of connectors) numbers.set(connector, [CONNECTOR_ITSELF])
  for (const { connector, task } of tasks) {
    const known = numbers.get(connector)
    if (known === undefined) numbers.set(connector, [task])
    else known.push(task)
  }
  writer.int32(numbers.size)
  for (const [connector, tasks] of numbers) {
    writer.string(connector).int32(tasks.length)
    for (const task of tasks) writer.int32(task)
  }
}

function readShare(reader: ProtocolReader): WorkerShare {
  const connectors: string[] = []
  const tasks: TaskId[] = []
  for (let left = reader.int32(); left > 0; left--) {
    const connector = reader.string()
    for (let numbers = reader.int32(); numbers > 0; numbers--) {
      const task = reader.int32()
      if (task === CONNECTOR_ITSELF) connectors.push(connector)
      else tasks.push({ connector, task })
    }
  }
  return { connectors, tasks }
}

function versionOf(protocol: string): number {
  const found = PROTOCOLS.find(({ name }) => name === protocol)
  if (found === undefined) throw new Error(`No worker offers the group protocol ${protocol}`)
  return found.version
}
