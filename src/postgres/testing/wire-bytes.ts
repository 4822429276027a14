/** Builders for the bytes that a server sends. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt.asIntN(64, value))
  return bytes
}

export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

/** A whole message: type, length, body. */
export function frame(type: string, ...body: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(body)
  return Buffer.concat([Buffer.from(type), int32(bytes.length + 4), bytes])
}

export function xlogData(lsn: bigint, message: Buffer): Buffer {
  return frame('d', Buffer.from('w'), int64(lsn), int64(lsn), int64(0n), message)
}

export function keepalive(walEnd: bigint, isUrgent = false): Buffer {
  return frame('d', Buffer.from('k'), int64(walEnd), int64(0n), Buffer.from([isUrgent ? 1 : 0]))
}

/** A row of pgoutput: a text, null, or undefined for an unchanged TOASTed value. */
export function tupleData(columns: readonly (string | null | undefined)[]): Buffer {
  return Buffer.concat([
    int16(columns.length),
    ...columns.map((column) => {
      if (column === undefined) return Buffer.from('u')
      if (column === null) return Buffer.from('n')
      const text = Buffer.from(column)
      return Buffer.concat([Buffer.from('t'), int32(text.length), text])
    }),
  ])
}
