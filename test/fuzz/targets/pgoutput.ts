import assert from 'node:assert/strict'
import { cstring, int16, int32, int64, tupleData } from '../../../src/postgres/testing/wire-bytes.ts'
import { Cursor } from '../../../src/postgres/wire/cursor.ts'
import { readLogicalMessage } from '../../../src/postgres/wire/pgoutput/logical-message.ts'
import { readRelation } from '../../../src/postgres/wire/pgoutput/relation-message.ts'
import {
  readDelete,
  readInsert,
  readTruncate,
  readUpdate,
} from '../../../src/postgres/wire/pgoutput/row-messages.ts'
import { readBegin, readCommit } from '../../../src/postgres/wire/pgoutput/transaction-messages.ts'
import { ProtocolError } from '../../../src/postgres/wire/protocol-error.ts'
import { Tuple } from '../../../src/postgres/wire/tuple.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const COLUMNS = 3
const before = new Tuple(COLUMNS)
const after = new Tuple(COLUMNS)
const row = tupleData(['1', null, 'näh'])

const readers: Readonly<Record<string, (cursor: Cursor) => unknown>> = {
  B: readBegin,
  C: readCommit,
  R: readRelation,
  T: readTruncate,
  M: readLogicalMessage,
  I: (cursor) => readInsert(cursor, after),
  U: (cursor) => readUpdate(cursor, before, after),
  D: (cursor) => readDelete(cursor, before),
}

/** Messages are read, or refused with the one error of the protocol; nothing is read beyond a message's end. */
export async function open(): Promise<FuzzTarget> {
  const cursor = new Cursor()
  return {
    seeds: [
      of('B', int64(7n), int64(8n), int32(9)),
      of('C', Buffer.of(0), int64(7n), int64(8n), int64(9n)),
      of(
        'R',
        int32(16_392),
        cstring('public'),
        cstring('t'),
        Buffer.from('d'),
        int16(1),
        Buffer.of(1),
        cstring('id'),
        int32(20),
        int32(-1),
      ),
      of('T', int32(2), Buffer.of(3), int32(16_392), int32(16_393)),
      of('M', Buffer.of(1), int64(7n), cstring('prefix'), int32(3), Buffer.from('abc')),
      of('I', Buffer.from('N'), row),
      of('U', Buffer.from('K'), row, Buffer.from('N'), row),
      of('U', Buffer.from('O'), row, Buffer.from('N'), tupleData([undefined, null, ''])),
      of('D', Buffer.from('O'), row),
    ],
    words: ['N\0\x03', 'K\0\x03', 'O\0\x03', 'n', 'u', 't\0\0\0\x01', 't\xff\xff\xff\xff'],
    run(input) {
      const read = readers[String.fromCharCode(input[0] ?? 0)]
      if (read === undefined) return
      for (const tuple of [before, after]) {
        tuple.starts.fill(0)
        tuple.ends.fill(0)
      }
      cursor.reset(input, 1, input.length)
      try {
        read(cursor)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        return
      }
      assert.ok(cursor.at <= cursor.end, 'read beyond the end')
      for (const { starts, ends } of [before, after]) {
        for (let i = 0; i < COLUMNS; i++) {
          assert.ok(starts[i]! <= ends[i]! && ends[i]! <= input.length, `column ${i} lies outside`)
        }
      }
    },
  }
}

function of(type: string, ...body: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(type), ...body])
}
