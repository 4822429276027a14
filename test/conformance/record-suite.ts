import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { sharedKafka, workersOnKafka, type SharedKafka } from '../servers/kafka.ts'
import { startPostgres, type PostgresServer, type PostgresVersion } from '../servers/postgres.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { parseJson, printJson, type Json } from './lossless-json.ts'
import { databaseOf, playScenario, type Way } from './play-scenario.ts'
import { goldenText, needsKafka, readScenario, rightFile, scenarioNames } from './scenario.ts'

/** How many scenarios are played at the same time: most of their time is waiting. */
const AT_ONCE = 6

/**
 * A test for every scenario: the records of a real worker are those of the golden files. With
 * TAILRACE_CONFORMANCE_POSTGRES=16 another version of PostgreSQL is asked; with TAILRACE_CONFORMANCE_EXTENSIONS=1 one that
 * has PostGIS and pgvector; with TAILRACE_RECORD_RIGHT=1, scenarios in which
 * the reference is wrong write what came to `records/right` instead.
 */
export function recordSuite(options: {
  readonly postgres: PostgresVersion
  readonly way: Way
  readonly log: 'embedded' | 'kafka'
  /** Those that `npm test` plays; TAILRACE_CONFORMANCE=all plays all. */
  readonly isUsual?: (name: string) => boolean
}): void {
  const { way, log, isUsual = () => true } = options
  const version =
    (Number(process.env['TAILRACE_CONFORMANCE_POSTGRES']) as PostgresVersion) || options.postgres
  const isWanted = process.env['TAILRACE_CONFORMANCE'] === 'all' ? () => true : isUsual
  const title = `records from PostgreSQL ${version}, ${way}, in ${log} topics`
  const scenarios = scenarioNames()
    .filter(isWanted)
    .map(readScenario)
    .filter((scenario) => log === 'kafka' || !needsKafka(scenario))
    .filter(
      ({ extension }) => extension === undefined || process.env['TAILRACE_CONFORMANCE_EXTENSIONS'] === '1',
    )

  describe(title, { concurrency: AT_ONCE }, () => {
    let postgres: PostgresServer
    let worker: WorkerProcess
    let kafka: SharedKafka | null = null

    before(async () => {
      const settings = { max_replication_slots: '300', max_wal_senders: '300', max_connections: '600' }
      kafka = log === 'kafka' ? await sharedKafka() : null
      const env = kafka === null ? {} : workersOnKafka(kafka)
      ;[postgres, worker] = await Promise.all([startPostgres({ version, settings }), startWorker({ env })])
    })
    after(async () => {
      await worker[Symbol.asyncDispose]()
      await Promise.all([postgres.stop(), kafka?.[Symbol.asyncDispose]()])
    })

    for (const scenario of scenarios) {
      test(`${scenario.name}: ${scenario.shows}`, async () => {
        const stage = { postgres, worker, ...(kafka !== null && { kafka: kafka.bootstrapServers }) }
        const got = await playScenario(scenario, stage, way)
        const [recorded, own] = [databaseOf(scenario.name, 'compiled'), databaseOf(scenario.name, way)]
        const golden = goldenText(scenario.name)
          .replaceAll(recorded, own)
          .replaceAll(escaped(recorded), escaped(own))
        const different = differences(got, recordsOf(golden))
        const isRight = process.env['TAILRACE_RECORD_RIGHT'] === '1' && scenario.quirk !== undefined
        if (isRight && different.length > 0) keep(scenario.name, got)
        else assert.deepEqual(different, [])
      })
    }
  })
}

/** As a name is with `schema.name.adjustment.mode=avro_unicode`. */
function escaped(name: string): string {
  return name.replaceAll('_', '_u005f')
}

function recordsOf(golden: string): ReadonlyMap<string, readonly string[]> {
  const { topics } = Object.fromEntries(parseJson(golden) as ReadonlyMap<string, Json>)
  return new Map(
    [...(topics as ReadonlyMap<string, readonly Json[]>)].map(([topic, records]) => [
      topic,
      records.map(printJson),
    ]),
  )
}

/** Each record that is not as it must be, by its place in its topic. */
function differences(
  got: ReadonlyMap<string, readonly string[]>,
  golden: ReadonlyMap<string, readonly string[]>,
): readonly Readonly<Record<string, string | undefined>>[] {
  return [...new Set([...golden.keys(), ...got.keys()])].flatMap((topic) => {
    const [wanted = [], came = []] = [golden.get(topic), got.get(topic)]
    return Array.from({ length: Math.max(wanted.length, came.length) }, (_, i) => ({
      place: `${topic}#${i}`,
      wanted: wanted[i],
      came: came[i],
    })).filter((record) => record.wanted !== record.came)
  })
}

function keep(name: string, got: ReadonlyMap<string, readonly string[]>): void {
  const file = rightFile(name)
  const topics = [...got].map(([topic, records]) => `${JSON.stringify(topic)}: [\n${records.join(',\n')}\n]`)
  const text = `{\n"scenario": ${JSON.stringify(name)},\n"topics": {\n${topics.join(',\n')}\n}}\n`
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
}
