import { DataError, SerializationError } from '../../../api/errors.ts'
import type { ProtoMessage } from './proto-schema.ts'

/** Where a message is in its file: its place among the first, then among those in that, and so on. */
export type MessagePath = readonly number[]

const FIRST: MessagePath = [0]
/** Deeper than anyone nests messages. */
const MOST_STEPS = 100

/** What comes between the id and the data: how many places, then they; for the first message of a file a single zero. */
export function pathBytes(path: MessagePath): Uint8Array {
  if (path.length === 1 && path[0] === 0) return Uint8Array.of(0)
  return Uint8Array.from([path.length, ...path].flatMap(zigzagBytes))
}

export function readPath(
  bytes: Uint8Array,
  start: number,
): { readonly path: MessagePath; readonly end: number } {
  // The rule: spares a list for each record.
  if (bytes[start] === 0) return { path: FIRST, end: start + 1 }
  let end = start
  const next = (): number => {
    let value = 0
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = bytes[end++]
      if (byte === undefined) throw invalid('the bytes end within the place of the message')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw invalid('the place of the message is too long')
  }
  const length = next()
  if (length < 1 || length > MOST_STEPS) throw invalid(`the place of the message has ${length} steps`)
  const path = Array.from({ length }, next)
  return { path, end }
}

export function messageAt(messages: readonly ProtoMessage[], path: MessagePath): ProtoMessage {
  let among = messages
  let found: ProtoMessage | undefined
  for (const index of path) {
    found = among[index]
    if (found === undefined) {
      throw new DataError(
        'registry.schema-unsupported',
        `Invalid message indexes: the schema has no message ${path.join('.')}`,
      )
    }
    among = found.messages
  }
  return found!
}

/** Null where no message of this full name is among them, or in them. */
export function pathTo(messages: readonly ProtoMessage[], fullName: string): MessagePath | null {
  for (const [index, message] of messages.entries()) {
    if (message.fullName === fullName) return [index]
    if (!fullName.startsWith(`${message.fullName}.`)) continue
    const within = pathTo(message.messages, fullName)
    if (within !== null) return [index, ...within]
  }
  return null
}

function zigzagBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

function invalid(reason: string): SerializationError {
  return new SerializationError('connect.data-invalid', `Error deserializing Protobuf message: ${reason}`)
}
