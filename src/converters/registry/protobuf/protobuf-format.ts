import { DataError } from '../../../api/errors.ts'
import type { Schema } from '../../../api/schema.ts'
import type {
  DescribedSchema,
  PayloadRead,
  PayloadWrite,
  ResolvedSchema,
  SchemaFormat,
} from '../schema-format.ts'
import { wrapperOf, WRAPPERS_TEXT } from './known-messages.ts'
import { LOGICAL_MESSAGES } from './logical-messages.ts'
import { messageAt, pathBytes, pathTo, readPath } from './message-path.ts'
import { parseProto } from './proto-parse.ts'
import type { ProtoMessage } from './proto-schema.ts'
import { ProtoTranslation, scalarOf } from './protobuf-from-connect.ts'
import type { ProtobufMapping } from './protobuf-options.ts'
import { MessageReads, type MessageRead } from './protobuf-read.ts'
import { ConnectTranslation } from './protobuf-to-connect.ts'
import { MessageWrites, type ProtobufWriting } from './protobuf-write.ts'
import { WireCursor } from './wire-cursor.ts'

/** Protobuf, as Confluent's `ProtobufData` brings it together with Connect. */
export class ProtobufFormat implements SchemaFormat {
  readonly type = 'PROTOBUF'
  readonly label = 'Protobuf'
  readonly #mapping: ProtobufMapping

  constructor(mapping: ProtobufMapping) {
    this.#mapping = mapping
  }

  /** What is registered is read as everybody will read it, and that is what data are written with. */
  describe(schema: Schema | null): DescribedSchema {
    if (schema === null) {
      throw unsupported(
        'Data without a schema has no Protobuf schema to register: use JsonConverter with schemas.enable=false',
      )
    }
    const { text, name } = this.#textOf(schema)
    return {
      text,
      references: [],
      recordName: name,
      write: this.#write(schema, name, {
        messages: parseProto({ text, referenced: new Map() }),
        missing: 'refuse values',
      }),
      writeWith: (stored, isStrict) =>
        this.#write(schema, name, {
          messages: parseProto(stored),
          missing: isStrict ? 'refuse' : 'leave out',
        }),
    }
  }

  recordName(stored: ResolvedSchema): string | null {
    return parseProto(stored)[0]?.fullName ?? null
  }

  reader(stored: ResolvedSchema, version: number | null): PayloadRead {
    const messages = parseProto(stored)
    const reads = new Map<ProtoMessage, { readonly schema: Schema; readonly read: MessageRead }>()
    return (bytes, at) => {
      const { path, end } = readPath(bytes, at)
      const message = messageAt(messages, path)
      let known = reads.get(message)
      if (known === undefined) {
        const schema = new ConnectTranslation(this.#mapping).translate(message, version)
        known = { schema, read: new MessageReads(this.#mapping).root(message, schema) }
        reads.set(message, known)
      }
      return { schema: known.schema, value: known.read(new WireCursor(bytes, end)) }
    }
  }

  #textOf(schema: Schema): { readonly text: string; readonly name: string } {
    if (schema.type === 'struct') return new ProtoTranslation(this.#mapping).translate(schema)
    if (schema.type === 'array' || schema.type === 'map' || LOGICAL_MESSAGES.has(schema.name ?? '')) {
      throw unsupported(
        `A record in Protobuf is a struct or a plain value, no ${schema.name ?? schema.type}: put it into a struct`,
      )
    }
    return { text: WRAPPERS_TEXT, name: wrapperOf(scalarOf(schema)) }
  }

  /** The message of the same name, or the first. */
  #write(
    schema: Schema,
    name: string,
    {
      messages,
      missing,
    }: { readonly messages: readonly ProtoMessage[]; readonly missing: ProtobufWriting['missing'] },
  ): PayloadWrite {
    const path = pathTo(messages, name) ?? [0]
    const message = messageAt(messages, path)
    const writes = new MessageWrites({ mapping: this.#mapping, missing })
    const write = schema.type === 'struct' ? writes.struct(schema, message) : writes.wrapped(schema, message)
    const head = pathBytes(path)
    return (value, out) => {
      out.copy(head, 0, head.length)
      write(value, out)
    }
  }
}

function unsupported(message: string): DataError {
  return new DataError('registry.schema-unsupported', message)
}
