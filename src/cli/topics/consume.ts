import { setTimeout as delay } from 'node:timers/promises'
import { withShutdown } from '../with-shutdown.ts'
import { openTopicClient, type ReadRecord, type TopicClient, type TopicPlace } from './topic-client.ts'

export interface ConsumeOptions {
  readonly fromBeginning?: true
  readonly json?: true
  readonly untilEnd?: true
  readonly maxMessages?: number
  readonly timeoutMs?: number
}

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
export async function consume(place: TopicPlace, topic: string, options: ConsumeOptions): Promise<void> {
  await withShutdown(async (signal) => {
    await using topics = await openTopicClient(place)
    const shape = await topics.describe(topic)
    if (shape === null) {
      console.error(`There is no topic ${topic}`)
      return
    }
    const positions = shape.partitions.map((partition): Position => ({
      partition: partition.partition,
      next: options.fromBeginning ? partition.start_offset : partition.end_offset,
      end: partition.end_offset,
    }))
    await follow({ topics, topic, positions, signal, options })
  })
}

async function follow(reading: {
  readonly topics: TopicClient
  readonly topic: string
  readonly positions: readonly Position[]
  readonly signal: AbortSignal
  readonly options: ConsumeOptions
}): Promise<void> {
  const { topics, topic, positions, signal, options } = reading
  let left = options.maxMessages ?? Infinity
  let lastMs = performance.now()
  while (left > 0 && !signal.aborted) {
    let count = 0
    for (const position of positions) {
      const end = options.untilEnd ? position.end : Infinity
      const limit = Math.min(left, RECORDS_AT_ONCE, end - position.next)
      if (limit <= 0) continue
      const from = { topic, partition: position.partition, offset: position.next }
      const { records, next_offset: nextOffset } = await topics.read(from, limit, signal)
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

function jsonLine({ partition, offset, key, value, headers }: ReadRecord): string {
  const json = JSON.stringify({ partition, offset, key, value, headers })
  return `${json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

function valueLine({ value }: ReadRecord): string {
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
