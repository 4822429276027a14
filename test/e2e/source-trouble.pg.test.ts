import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { canaryPassword } from '../servers/canary.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** Each time: what happened, to which name, and what to do, in the status or the answer and in the log. */
describe('trouble of a PostgreSQL source', () => {
  let postgres: PostgresServer
  let worker: WorkerProcess
  before(async () => {
    postgres = await startPostgres()
    worker = await startWorker()
  })
  after(async () => {
    await worker?.[Symbol.asyncDispose]()
    await postgres?.stop()
  })

  /** A connector's configuration for tables of a schema of its own. */
  const configFor = async (name: string, tables: string, more: Record<string, string> = {}) => {
    await postgres.query(`create schema ${name}; set search_path = ${name}; ${tables}; reset search_path`)
    return sourceConfig(postgres, {
      'topic.prefix': name,
      'slot.name': name,
      'publication.name': name,
      'publication.autocreate.mode': 'filtered',
      'schema.include.list': name,
      'slot.max.retries': '0',
      ...more,
    })
  }
  const logged = (connector: string): readonly LogLine[] =>
    worker.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine)
      .filter((line) => line['connector'] === connector && line.level >= 40)
  const logOf = (connector: string, what: string, isMeant: (line: LogLine) => boolean): Promise<LogLine> =>
    waitFor(what, () => logged(connector).find(isMeant))
  /** The trace of its failure, which the log has too. */
  const failureOf = async (connector: string): Promise<string> => {
    const trace = await waitFor(`${connector} to fail`, async () => {
      const { tasks, trace: found } = await worker.states(connector)
      return tasks[0] === 'FAILED' && found
    })
    await logOf(connector, 'the failure in the log', (line) => line['trace'] === trace)
    return trace
  }
  const running = (connector: string): Promise<boolean> =>
    waitFor(`${connector} to stream`, async () => {
      const { tasks } = await worker.states(connector)
      const [slot] = await postgres.query(
        `select 1 from pg_replication_slots where slot_name = '${connector}' and active`,
      )
      return tasks[0] === 'RUNNING' && slot !== undefined
    })

  it('a regular expression that is wrong is refused, with the option and the reason', async () => {
    const config = await configFor('wrong_regex', 'create table t (id int primary key)', {
      'table.include.list': 'wrong_regex.(t',
    })
    const { status, body } = await worker.rest('POST', '/connectors', { name: 'wrong_regex', config })
    assert.equal(status, 400)
    assert.match(
      (body as { message: string }).message,
      /'table\.include\.list' value is invalid: A comma-separated list of valid regular expressions is expected, but .*group/,
    )
  })

  it('a user who may not log in is refused, with the words of the server and what to look at', async () => {
    const config = await configFor('no_login', 'create table t (id int primary key)')
    await postgres.query(`create role no_login nologin replication password '${canaryPassword('no_login')}'`)
    const user = { 'database.user': 'no_login', 'database.password': canaryPassword('no_login') }
    const { status, body } = await worker.rest('POST', '/connectors', {
      name: 'no_login',
      config: { ...config, ...user },
    })
    assert.equal(status, 400)
    assert.match((body as { message: string }).message, /role "no_login" is not permitted to log in/)
  })

  const RIGHTS = {
    replication: 'alter role {role} replication',
    create: 'grant create on database postgres to {role}',
    select: 'grant select on table {role}.t to {role}',
  }
  const MISSING: readonly [right: keyof typeof RIGHTS, told: RegExp, remedy: RegExp][] = [
    ['replication', /Connecting failed at 127\.0\.0\.1:\d+/, /ALTER ROLE "no_replication" REPLICATION/],
    ['create', /publication "no_create"/, /GRANT CREATE ON DATABASE "postgres" TO "no_create"/],
    ['select', /"no_select"\."t"/, /GRANT SELECT ON TABLE "no_select"\."t" TO "no_select"/],
  ]
  for (const [right, told, remedy] of MISSING) {
    it(`a user without the right of ${right} is told the statement that grants it, which mends it`, async () => {
      const name = `no_${right}`
      // Who owns a table may publish it, and read it: for SELECT the publication is there and the table is another's.
      const isOwner = right !== 'select'
      const config = await configFor(name, 'create table t (id int primary key)', {
        'database.user': name,
        'database.password': canaryPassword(name),
        ...(isOwner ? {} : { 'publication.autocreate.mode': 'disabled' }),
      })
      await postgres.query(
        `create role ${name} login password '${canaryPassword(name)}'; grant usage on schema ${name} to ${name}`,
      )
      await postgres.query(
        isOwner ? `alter table ${name}.t owner to ${name}` : `create publication ${name} for table ${name}.t`,
      )
      for (const [other, sql] of Object.entries(RIGHTS))
        if (other !== right) await postgres.query(sql.replaceAll('{role}', name))
      await worker.create(name, config)
      const trace = await failureOf(name)
      assert.match(trace, told)
      assert.match(trace, remedy)
      await postgres.query(remedy.exec(trace)![0])
      await worker.rest('POST', `/connectors/${name}/restart?includeTasks=true`)
      await running(name)
    })
  }

  it('a table without a key is named in the log, with what lets its rows be updated', async () => {
    const config = await configFor('keyless', 'create table t (id int); insert into t values (1)')
    await worker.create('keyless', config)
    await running('keyless')
    const line = await logOf('keyless', 'the warning', ({ msg }) => msg.includes('without a primary key'))
    assert.deepEqual(line['tables'], ['keyless.t'])
    assert.match(line.msg, /ALTER TABLE … REPLICA IDENTITY FULL/)
    await assert.rejects(postgres.query('update keyless.t set id = 2'), /does not have a replica identity/)
    await postgres.query('alter table keyless.t replica identity full; update keyless.t set id = 2')
    await waitFor('the update', async () => (await worker.records('keyless.keyless.t')) === 2)
  })

  it('a value that has no form in records is null and told in the log, or fails the task with its column', async () => {
    const table = 'create table t (id int primary key, n numeric(10, 2))'
    const config = await configFor('nan', table)
    await worker.create('nan', config)
    await running('nan')
    await postgres.query(`insert into nan.t values (1, 'NaN')`)
    await waitFor('the record', async () => (await worker.records('nan.nan.t')) === 1)
    const line = await logOf('nan', 'the warning', ({ msg }) =>
      msg.startsWith('a value was written as null, as event.converting.failure.handling.mode'),
    )
    assert.deepEqual([line['schema'], line['table'], line['column']], ['nan', 't', 'n'])
    const strict = await configFor('strict_nan', table, { 'event.converting.failure.handling.mode': 'fail' })
    await worker.create('strict_nan', strict)
    await running('strict_nan')
    await postgres.query(`insert into strict_nan.t values (1, 'NaN')`)
    assert.match(
      await failureOf('strict_nan'),
      /A value of the column strict_nan\.t\.n cannot be represented. For NaN and infinity set decimal.handling.mode=string/,
    )
    assert.equal(await worker.records('strict_nan.strict_nan.t'), 0)
  })

  it('a server that is away is told with its address; with errors.max.retries=0 that is the end, else it goes on', async () => {
    const config = await configFor('away', 'create table t (id int primary key)', {
      'custom.metric.tags': 'team=a-1',
    })
    await worker.create('away', config)
    const other = await configFor('away_once', 'create table t (id int primary key)', {
      'errors.max.retries': '0',
    })
    await worker.create('away_once', other)
    for (const name of ['away', 'away_once']) await running(name)
    // A task is RUNNING before its stream is connected.
    await waitFor('the metric of the connection', async () => {
      const metrics = await (await fetch(`${worker.url}/metrics`)).text()
      return /^debezium_metrics_Connected\{[^}]*name="away",[^}]*team="a-1"[^}]*\} 1$/m.test(metrics)
    })
    await postgres.kill()
    assert.match(await failureOf('away_once'), new RegExp(`127\\.0\\.0\\.1:${postgres.port}`))
    const line = await logOf(
      'away',
      'the failure for now',
      ({ msg }) => msg === 'Task failed for now and will be started again',
    )
    assert.match(String(line['trace']), new RegExp(`127\\.0\\.0\\.1:${postgres.port}`))
    await postgres.restart()
    await running('away')
    assert.equal((await worker.states('away_once')).tasks[0], 'FAILED')
    await postgres.query('insert into away.t values (1)')
    await waitFor('the row', async () => (await worker.records('away.away.t')) === 1)
  })
})
