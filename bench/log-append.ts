// How fast the embedded log takes what one thread appends while another one reads it, and how soon a single record is
// there; with --kafka of a Kafka of its own: node --disable-warning=ExperimentalWarning bench/log-append.ts [megabytes]
// [--kafka [COMPRESSION]]
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads'
import { RecordBatchReader, RecordBatchWriter } from '../src/api/record-batch.ts'
import { attachEmbeddedLog } from '../src/log/embedded/attach-embedded-log.ts'
import { openEmbeddedLog } from '../src/log/embedded/embedded-log.ts'
import { openKafkaLog } from '../src/log/kafka/kafka-log.ts'
import type { KafkaCompression, KafkaLogDescription } from '../src/log/kafka/kafka-log-description.ts'
import type { Log } from '../src/log/log.ts'
import { startKafka } from '../test/servers/kafka.ts'

const BULK = 'bulk'
const SINGLE = 'single'
/** Of 1000 bytes, in a batch. */
const BULK_RECORDS = 980
const ROUND_TRIPS = 2000

interface Role {
  readonly name: 'appender' | 'reader'
  readonly batches: number
  readonly log: { readonly port: MessagePort; readonly dataDir: string } | KafkaLogDescription
}

/** Milliseconds that all threads of the process agree on. */
const now = (): number => performance.timeOrigin + performance.now()

async function appendBulk(log: Log, batches: number): Promise<void> {
  const value = Buffer.alloc(1000, 'x')
  const underWay: Promise<unknown>[] = []
  const started = now()
  for (let i = 0; i < batches; i++) {
    const writer = new RecordBatchWriter()
    while (writer.count < BULK_RECORDS) writer.record(Date.now(), null, value)
    underWay.push(log.append({ batches: [{ topic: BULK, partition: 0, batch: writer.finish() }] }))
    if (underWay.length >= 2) await underWay.shift()
  }
  await Promise.all(underWay)
  const rate = (batches / (now() - started)) * 1000
  console.log(`append   ${batches} batches of 1 MB, 2 under way: ${rate.toFixed(0)} MB/s`)
}

/** One record after the other: to the acknowledgement, and to the other thread's `poll`. */
async function appendSingle(log: Log): Promise<void> {
  const value = Buffer.alloc(150, 'x')
  const acknowledged: number[] = []
  const polled: number[] = []
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const writer = new RecordBatchWriter(undefined, 4096)
    writer.record(Date.now(), null, value)
    const arrival = once(parentPort!, 'message')
    const started = now()
    await log.append({ batches: [{ topic: SINGLE, partition: 0, batch: writer.finish() }] })
    acknowledged.push(now() - started)
    const [at] = (await arrival) as [number]
    polled.push(at - started)
  }
  console.log(`latency  append -> acknowledged: ${quantiles(acknowledged)}`)
  console.log(`latency  append -> poll in another thread: ${quantiles(polled)}`)
}

function quantiles(times: number[]): string {
  times.sort((a, b) => a - b)
  const at = (q: number): string => times[Math.floor(q * times.length)]!.toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

async function read(log: Log, topic: string, onBatch: (records: number) => boolean): Promise<number> {
  const consumer = await log.openConsumer({
    group: 'bench',
    topics: [topic],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
  })
  const { signal } = new AbortController()
  let bytes = 0
  for (let more = true; more;) {
    for (const { batch } of await consumer.poll(1024 * 1024, signal)) {
      bytes += batch.length
      more = onBatch(new RecordBatchReader(batch).count)
    }
  }
  await consumer.close()
  return bytes
}

async function runThread({ name, batches, log: place }: Role): Promise<void> {
  await using log = 'port' in place ? attachEmbeddedLog(place.port, place.dataDir) : await openKafkaLog(place)
  if (name === 'appender') {
    await appendBulk(log, batches)
    await appendSingle(log)
  } else {
    let left = batches * BULK_RECORDS
    const started = now()
    // A batch of Kafka's may hold less than one of ours, so records are counted.
    const bytes = await read(log, BULK, (records) => (left -= records) > 0)
    console.log(`read     ${(bytes / 1000 / (now() - started)).toFixed(0)} MB/s while it was appended`)
    let trips = ROUND_TRIPS
    await read(log, SINGLE, () => {
      parentPort!.postMessage(now(), [])
      return --trips > 0
    })
  }
  parentPort!.close()
}

/** What the disk takes from one thread that does nothing else. */
function ceiling(directory: string, batches: number): void {
  const batch = Buffer.alloc(1_000_000, 'x')
  const file = openSync(join(directory, 'ceiling'), 'w')
  const started = now()
  for (let i = 0; i < batches; i++) {
    writeSync(file, batch)
    fdatasyncSync(file)
  }
  const rate = (batches / (now() - started)) * 1000
  closeSync(file)
  rmSync(join(directory, 'ceiling'))
  console.log(`ceiling  write and fdatasync of 1 MB, nothing else: ${rate.toFixed(0)} MB/s`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { kafka: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [megabytes = '3000', compression = 'none'] = positionals
  const batches = Number(megabytes)
  const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-bench-'))
  try {
    ceiling(dataDir, Math.min(batches, 500))
    if (values.kafka === true) await measureKafka(batches, compression as KafkaCompression)
    else await measureEmbedded(batches, dataDir)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measureEmbedded(batches: number, dataDir: string): Promise<void> {
  await using log = await openEmbeddedLog({ dataDir })
  await measure(log, () => {
    const port = log.connect()
    return [{ log: { port, dataDir }, batches }, [port]]
  })
}

async function measureKafka(batches: number, compression: KafkaCompression): Promise<void> {
  await using kafka = await startKafka()
  const description: KafkaLogDescription = {
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'bench',
    compression,
    internalTopics: {
      offsets: { name: 'connect-offsets', partitions: 25, property: 'offset.storage' },
    },
  }
  await using log = await openKafkaLog(description)
  await measure(log, () => [{ log: description, batches }, []])
}

async function measure(log: Log, client: () => [Omit<Role, 'name'>, MessagePort[]]): Promise<void> {
  let peak = 0
  const meter = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  for (const name of [BULK, SINGLE]) await log.createTopic({ name, partitions: 1 })
  console.log(`memory   ${megabytes(process.memoryUsage.rss())} MB before`)
  const [appender, reader] = (['appender', 'reader'] as const).map((name) => {
    const [role, transferList] = client()
    return new Worker(fileURLToPath(import.meta.url), { workerData: { ...role, name }, transferList })
  })
  reader!.on('message', (at: number) => appender!.postMessage(at, []))
  await Promise.all([once(appender!, 'exit'), once(reader!, 'exit')])
  clearInterval(meter)
  console.log(`memory   ${megabytes(peak)} MB at most, ${megabytes(process.memoryUsage.rss())} MB after`)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

if (isMainThread) await main()
else await runThread(workerData as Role)
