import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sharedKafka, workersOnKafka } from '../servers/kafka.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

/** Text, or bytes that are none. */
type Part = string | null | { readonly base64: string }
type HeaderPair = readonly [string, Part]

interface Scenario {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly partitions?: number
  readonly records: readonly {
    readonly key: Part
    readonly value: Part
    readonly timestamp?: number
    readonly headers?: readonly HeaderPair[]
  }[]
  readonly letters: number
}

interface Letter {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Part
  readonly value: Part
  readonly headers: readonly HeaderPair[]
}

interface Outcome {
  readonly letters: readonly Letter[]
  readonly task: string
  readonly log: readonly string[]
}

const TIMESTAMP = 1_700_000_000_000
const STACK_TRACE = '__connect.errors.exception.stacktrace'
const place = fileURLToPath(new URL('dead-letters/', import.meta.url))
const scenarios = JSON.parse(readFileSync(join(place, 'scenarios.json'), 'utf8')) as readonly Scenario[]
/** What Kafka Connect 4.3.1 made of the same; of stack traces the first line. */
const golden = JSON.parse(readFileSync(join(place, 'golden.json'), 'utf8')) as Readonly<
  Record<string, Outcome>
>

/** Dead letters byte for byte, and the lines in the log, as the reference writes them. */
export function deadLetterSuite(log: 'embedded' | 'kafka'): void {
  describe(`dead letters are the reference's, ${log}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'tailrace-dead-letters-'))
    const servers = new AsyncDisposableStack()
    after(async () => {
      await servers.disposeAsync()
      rmSync(home, { recursive: true, force: true })
    })
    let worker: WorkerProcess
    before(async () => {
      const kafka = log === 'kafka' ? servers.use(await sharedKafka()) : null
      const env = {
        CONNECT_PLUGINS: join(place, 'reporting-sink.ts'),
        ...(kafka === null ? {} : workersOnKafka(kafka)),
      }
      worker = servers.use(await startWorker({ env }))
      for (const scenario of scenarios) await begin(worker, scenario, join(home, 'sink.txt'))
    })

    for (const scenario of scenarios) {
      test(scenario.name, async () => {
        const expected = golden[scenario.name]!
        const topic = `dl-${scenario.name}-dead`
        await waitFor(`${scenario.letters} dead letters`, async () => {
          return (await worker.records(topic)) >= scenario.letters
        })
        await waitFor('the lines in the log', async () => {
          return linesOf(worker, scenario.name).length >= expected.log.length
        })
        await waitFor(`the task to be ${expected.task}`, async () => {
          return (await worker.states(`dl-${scenario.name}`)).tasks[0] === expected.task
        })
        const letters: Letter[] = []
        for (let partition = 0; partition < (scenario.partitions ?? 1); partition++) {
          const path = `/topics/${topic}/records?partition=${partition}`
          const { body } = await worker.rest('GET', path)
          letters.push(...(body as { records: Letter[] }).records.map(withFirstLineOfTrace))
        }
        assert.deepEqual(letters, expected.letters)
        assert.deepEqual(linesOf(worker, scenario.name), expected.log)
      })
    }
  })
}

async function begin(worker: WorkerProcess, scenario: Scenario, file: string): Promise<void> {
  const { name, partitions = 1, records, config } = scenario
  const topic = `dl-${name}`
  const dead = `${topic}-dead`
  assert.equal((await worker.rest('PUT', `/topics/${topic}`)).status, 201)
  assert.equal((await worker.rest('PUT', `/topics/${dead}`, { partitions })).status, 201)
  const dated = records.map((record) => ({ timestamp: TIMESTAMP, ...record }))
  assert.equal((await worker.rest('POST', `/topics/${topic}/records`, { records: dated })).status, 204)
  const { 'connector.class': sink, ...others } = config
  await worker.create(topic, {
    ...(sink === 'reporting'
      ? { 'connector.class': 'test.ReportingSink' }
      : { 'connector.class': 'FileStreamSink', file }),
    'tasks.max': '1',
    topics: topic,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': 'false',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'errors.tolerance': 'all',
    'errors.log.enable': 'true',
    'errors.log.include.messages': 'true',
    'errors.deadletterqueue.topic.name': dead,
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
    ...others,
  })
}

function withFirstLineOfTrace(letter: Letter): Letter {
  const headers = letter.headers.map(([name, value]): HeaderPair => {
    return [name, name === STACK_TRACE ? (value as string).split('\n')[0]! : value]
  })
  return { ...letter, headers }
}

/** What was logged of failed records of a scenario's connector. */
function linesOf(worker: WorkerProcess, name: string): string[] {
  return worker.output
    .split('\n')
    .filter((line) => line.includes(`Error encountered in task dl-${name}-0`))
    .map((line) => (JSON.parse(line) as { msg: string }).msg)
}
