import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { waitFor } from '../wait-for.ts'
import { SourceRun, type SeenRecord } from './source-run.ts'
import { isAsExpected, readScenario, type RecordScenario } from './record-scenario.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({
    version: 15,
    settings: { max_replication_slots: '200', max_wal_senders: '200' },
  })
})

after(() => server.stop())

/**
 * Records, by their place, where tailrace is right instead of equal: a key column that is not in `column.include.list` has
 * its value, comments reach the schema, infinite dates do not overflow, NaN and infinities are spelled as PostgreSQL does,
 * a `name` column is not null in the stream, a null of a generated column is not the text of its expression.
 */
const RIGHT_INSTEAD: Readonly<Record<string, readonly number[]>> = {
  'column-include': [0, 1, 2],
  'schemas-comments': [0, 1],
  'types-date-infinity': [0, 1],
  'types-numeric-string': [7, 8, 9, 19, 20, 21],
  'types-text': [7, 8, 9, 10, 11, 12],
  'types-xml-tsvector': [3, 4],
}

const names = readdirSync(new URL('records', import.meta.url))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))

for (const name of names) {
  const scenario = readScenario(name, { prefix: databaseOf(name) })
  test(`${name}: ${scenario.shows}, compiled and by records, as the reference`, async () => {
    const { compiled, general } = await play(scenario)
    assert.equal(compiled.length, scenario.records.length)
    assert.deepEqual(general.map(masked), compiled.map(masked), 'both ways give the same bytes')
    const differences = scenario.records.map((expected, i) => difference(i, compiled[i]!, expected))
    const known = new Set(RIGHT_INSTEAD[name])
    assert.deepEqual(
      differences.filter((problems, i) => problems.length > 0 !== known.has(i)),
      [],
    )
  })
}

function difference(i: number, got: SeenRecord, expected: RecordScenario['records'][number]): string[] {
  const problems: string[] = []
  if (got.topic !== expected.topic) problems.push(`${i} topic: ${got.topic}`)
  if (!isAsExpected(got.key, expected.key)) problems.push(`${i} key: ${got.key} for ${expected.key}`)
  if (!isAsExpected(got.value, expected.value))
    problems.push(`${i} value: ${got.value} for ${expected.value}`)
  const own = got.headers.filter(([header]) => !header.startsWith('__debezium.context.'))
  const expectedOwn = expected.headers ?? []
  if (JSON.stringify(own) !== JSON.stringify(expectedOwn))
    problems.push(`${i} headers: ${JSON.stringify(own)}`)
  const context = got.headers.length - own.length
  if (context !== (expected.context === false ? 0 : 4)) problems.push(`${i} has ${context} context headers`)
  return problems
}

/** Times of processing and positions of the snapshot are of the run, not of the record. */
function masked(record: SeenRecord): unknown {
  const value =
    record.value
      ?.replaceAll(/"(\w*ts_(?:ms|us|ns)|_x_src_ts|\w*lsn|txId)":\d+/g, '"$1":0')
      .replaceAll(/"sequence":"(?:[^"\\]|\\.)*"/g, '"sequence":""') ?? null
  const headers = record.headers.filter(([header]) => !header.endsWith('.runId'))
  return { ...record, value, headers }
}

/** Plays a scenario with two connectors at once: one whose records are compiled, one whose records are not. */
async function play(
  scenario: RecordScenario,
): Promise<{ compiled: readonly SeenRecord[]; general: readonly SeenRecord[] }> {
  const id = databaseOf(scenario.name)
  await server.query(`create database ${id}`)
  for (const sql of scenario.setup) await server.query(sql, id)
  const config = (slot: string) => ({
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': id,
    'topic.prefix': id,
    'plugin.name': 'pgoutput',
    'slot.name': slot,
    'publication.name': id,
    ...scenario.config,
  })
  await using compiled = await SourceRun.start(config(id), 'compiled')
  await waitFor(
    'the publication',
    async () => (await server.query('select 1 from pg_publication', id)).length > 0,
  )
  await using general = await SourceRun.start(config(`${id}_general`), 'general')
  const isReached = (count: number) => () => {
    compiled.check()
    general.check()
    return compiled.records.length >= count && general.records.length >= count
  }
  for (const step of scenario.steps) {
    if ('sql' in step) for (const sql of step.sql) await server.query(sql, id)
    else if ('wait' in step) await waitFor(`${step.wait} records`, isReached(step.wait))
    else {
      const active = `select 1 from pg_replication_slots where active and database = '${id}'`
      await waitFor('both slots in use', async () => (await server.query(active, id)).length === 2)
    }
  }
  await waitFor(`${scenario.records.length} records`, isReached(scenario.records.length))
  return { compiled: compiled.inTopicOrder(), general: general.inTopicOrder() }
}

function databaseOf(scenario: string): string {
  return `rec_${scenario.replaceAll('-', '_')}`
}
