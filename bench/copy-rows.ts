// How fast rows of COPY are cut into columns, and frames out of chunks, without a server: rows of about 160 bytes, two
// thirds of them hexadecimal digits, whose order no processor can foresee.
import { createHash } from 'node:crypto'
import { CopyRowReader } from '../src/postgres/wire/copy-row.ts'
import { FrameReader } from '../src/postgres/wire/frame-reader.ts'
import { Tuple } from '../src/postgres/wire/tuple.ts'

const CHUNK_BYTES = 65_536
const ROWS = 2_000_000

function rowText(i: number, kind: string): string {
  const description = createHash('md5').update(String(i)).digest('hex').repeat(3)
  const name = kind === 'plain' ? `name-${i}` : kind === 'null' ? '\\N' : `na\\tme-${i}`
  return `${1_000_000 + i}\t${name}\t${description}\t${i % 1000}.25\t2024-05-06 07:08:09.123456+00\n`
}

/** Frames of CopyData, as many as fit into some megabytes, cut into chunks as a socket delivers them. */
function chunks(kind: string): { readonly chunks: Buffer[]; readonly rows: number } {
  const rows = 50_000
  const frames: Buffer[] = []
  for (let i = 0; i < rows; i++) {
    const text = Buffer.from(rowText(i, kind))
    const header = Buffer.alloc(5)
    header[0] = 0x64
    header.writeInt32BE(text.length + 4, 1)
    frames.push(header, text)
  }
  const bytes = Buffer.concat(frames)
  const cut: Buffer[] = []
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) cut.push(bytes.subarray(at, at + CHUNK_BYTES))
  return { chunks: cut, rows }
}

function measure(what: string, kind: string, parse: boolean): void {
  const input = chunks(kind)
  const rowReader = new CopyRowReader()
  const tuple = new Tuple(5)
  let seen = 0
  const frames = new FrameReader({
    message(_type, bytes, start, end) {
      if (parse) rowReader.read(bytes, start, end, tuple)
      seen++
      return true
    },
    drained() {},
  })
  const run = (rows: number): number => {
    const start = performance.now()
    seen = 0
    for (let round = 0; round < rows / input.rows; round++) {
      for (const chunk of input.chunks) frames.push(chunk)
    }
    return (seen / (performance.now() - start)) * 1000
  }
  run(200_000)
  console.log(`${what.padEnd(44)} ${(run(ROWS) / 1e6).toFixed(2)} M rows/s`)
}

measure('frames alone', 'plain', false)
measure('frames and columns', 'plain', true)
measure('frames and columns, one null in each row', 'null', true)
measure('frames and columns, one escape in each row', 'escape', true)
