import { setTimeout as delay } from 'node:timers/promises'
import { withShutdown } from './with-shutdown.ts'
import { refusal, request } from './worker-client.ts'

export interface ConsumeOptions {
  readonly fromBeginning?: true
  readonly json?: true
  readonly untilEnd?: true
  readonly maxMessages?: number
  readonly timeoutMs?: number
}

interface TopicAnswer {
  readonly partitions: readonly {
    readonly partition: number
    readonly start_offset: number
    readonly end_offset: number
  }[]
}

interface RecordsAnswer {
  readonly records: readonly ConsumedRecord[]
  readonly next_offset: number
}

interface ConsumedRecord {
  readonly partition: number
  readonly offset: number
  readonly key: BytesJson
  readonly value: BytesJson
  readonly headers: readonly (readonly [name: string, value: BytesJson])[]
}

/** Text as it is, bytes that are no text as base64. */
type BytesJson = string | { readonly base64: string } | null

interface Position {
  readonly partition: number
  next: number
  /** Where `--until-end` stops. */
  readonly end: number
}

const RECORDS_AT_ONCE = 1000
/** How long to wait before asking again, once everything was read: this is for eyes, not for pipelines. */
const PAUSE_MS = 100

/** `tailrace consume`: prints the records of a topic. An unknown topic prints nothing but a note. */
export async function consume(url: string, topic: string, options: ConsumeOptions): Promise<void> {
  const path = `/topics/${encodeURIComponent(topic)}`
  await withShutdown(async (signal) => {
    const answer = await request(url, 'GET', path, undefined, signal)
    if (answer.status === 404) {
      console.error(`There is no topic ${topic}`)
      return
    }
    if (answer.status !== 200) throw refusal(answer, `GET ${path}`)
    const positions = (answer.body as TopicAnswer).partitions.map((partition): Position => ({
      partition: partition.partition,
      next: options.fromBeginning ? partition.start_offset : partition.end_offset,
      end: partition.end_offset,
    }))
    await follow({ url, path, positions, signal, options })
  })
}

async function follow(reading: {
  readonly url: string
  readonly path: string
  readonly positions: readonly Position[]
  readonly signal: AbortSignal
  readonly options: ConsumeOptions
}): Promise<void> {
  const { url, path, positions, signal, options } = reading
  let left = options.maxMessages ?? Infinity
  let lastMs = performance.now()
  while (left > 0 && !signal.aborted) {
    let count = 0
    for (const position of positions) {
      const end = options.untilEnd ? position.end : Infinity
      const limit = Math.min(left, RECORDS_AT_ONCE, end - position.next)
      if (limit <= 0) continue
      const query = `partition=${position.partition}&offset=${position.next}&limit=${limit}`
      const answer = await request(url, 'GET', `${path}/records?${query}`, undefined, signal)
      if (answer.status !== 200) throw refusal(answer, `GET ${path}/records`)
      const { records, next_offset: nextOffset } = answer.body as RecordsAnswer
      // Compacted topics have gaps: so many records may reach beyond the end.
      const wanted = records.filter((record) => record.offset < end)
      await print(wanted.map(options.json ? jsonLine : valueLine).join(''))
      position.next = nextOffset
      left -= wanted.length
      count += records.length
      if (records.length === 0 && options.untilEnd) position.next = position.end
    }
    if (options.untilEnd && positions.every((position) => position.next >= position.end)) return
    if (count > 0) lastMs = performance.now()
    else if (performance.now() - lastMs >= (options.timeoutMs ?? Infinity)) return
    else await delay(PAUSE_MS)
  }
}

/** What some readers take for the end of a line, besides the real one; JSON leaves them as they are. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g

function jsonLine({ partition, offset, key, value, headers }: ConsumedRecord): string {
  const json = JSON.stringify({ partition, offset, key, value, headers })
  return `${json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

function valueLine({ value }: ConsumedRecord): string {
  return `${value === null || typeof value === 'string' ? value : value.base64}\n`
}

/** Waits for the reader of a pipe; one that went away (`| head`) ends the command without an error. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve()
      else if ('code' in error && error.code === 'EPIPE') process.exit(0)
      else reject(error)
    })
  })
}
