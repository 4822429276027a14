import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import type { Finding } from '../../api/preflight.ts'
import { postgresPreflight } from './postgres-preflight.ts'

/** Not on the command line of the server, which would win over what a remedy sets. */
const LIMITED = `alter system set max_slot_wal_keep_size = '1GB'`

/** A fault, planted by statements or by options; the finding that names it; and whether its remedy can be applied here. */
interface Fault {
  readonly plant?: readonly string[]
  /** Of the server, with a restart. */
  readonly settings?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  readonly check: string
  readonly level: 'WARN' | 'FAIL'
  readonly message: RegExp
  /** What the remedy is, where nobody can apply it for the user. */
  readonly byHand?: RegExp
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'a wal_level that is too low': {
    settings: { wal_level: 'replica', max_wal_senders: '10' },
    check: 'wal_level',
    level: 'FAIL',
    message: /wal_level is replica/,
  },
  'no free replication slot': {
    settings: { max_replication_slots: '1' },
    plant: [`select pg_create_physical_replication_slot('other')`],
    check: 'max_replication_slots',
    level: 'FAIL',
    message: /all 1 replication slots are used/,
  },
  'slots that may fill the disk': {
    plant: [`alter system set max_slot_wal_keep_size = '-1'`, 'select pg_reload_conf()'],
    check: 'max_slot_wal_keep_size',
    level: 'WARN',
    message: /disk is full/,
  },
  'a slot that is invalidated when it is idle': {
    plant: [`alter system set idle_replication_slot_timeout = '60s'`, 'select pg_reload_conf()'],
    check: 'idle_replication_slot_timeout',
    level: 'WARN',
    message: /away for 1min/,
  },
  'a role that may not replicate': {
    plant: ['alter role app noreplication'],
    check: 'role',
    level: 'FAIL',
    message: /not the attribute REPLICATION/,
  },
  'a role that cannot open a replication connection': {
    plant: ['alter role app noreplication'],
    check: 'replication connection',
    level: 'FAIL',
    message: /REPLICATION/,
  },
  'a role that may not log in': {
    plant: ['alter role app nologin'],
    check: 'connection',
    level: 'FAIL',
    message: /not permitted to log in/,
  },
  'a role that may not connect to the database': {
    plant: ['revoke connect on database shop from public'],
    check: 'connection',
    level: 'FAIL',
    message: /permission denied for database/,
  },
  'a role that may not create the publication': {
    plant: ['revoke create on database shop from app'],
    check: 'publication rights',
    level: 'FAIL',
    message: /may not create the publication/,
  },
  'a publication for all tables without a superuser': {
    options: { 'publication.autocreate.mode': 'all_tables' },
    check: 'publication rights',
    level: 'FAIL',
    message: /only a superuser/,
  },
  'a schema that may not be used': {
    plant: [
      'create schema hidden',
      'create table hidden.t (id int primary key)',
      'alter table hidden.t owner to app',
    ],
    options: { 'table.include.list': 'hidden\\.t' },
    check: 'table hidden.t',
    level: 'FAIL',
    message: /may not use its schema/,
  },
  'a table that may not be read': {
    plant: ['create table unread (id int primary key)'],
    options: { 'table.include.list': 'public\\.unread', 'publication.autocreate.mode': 'no_tables' },
    check: 'table public.unread',
    level: 'FAIL',
    message: /may not read it/,
  },
  'a table of somebody else, to be published': {
    plant: ['create table theirs (id int primary key)', 'grant select on theirs to app'],
    options: { 'table.include.list': 'public\\.theirs' },
    check: 'table public.theirs',
    level: 'FAIL',
    message: /does not own it/,
  },
  'an unlogged table': {
    plant: ['create unlogged table fast (id int primary key)', 'alter table fast owner to app'],
    options: { 'table.include.list': 'public\\.fast' },
    check: 'table public.fast',
    level: 'FAIL',
    message: /unlogged/,
  },
  'a table without an identity': {
    plant: ['create table bare (id int)', 'alter table bare owner to app'],
    options: { 'table.include.list': 'public\\.bare' },
    check: 'identity of public.bare',
    level: 'FAIL',
    message: /no replica identity/,
  },
  'a table without a key': {
    plant: [
      'create table whole (a int)',
      'alter table whole replica identity full',
      'alter table whole owner to app',
    ],
    options: { 'table.include.list': 'public\\.whole' },
    check: 'key of public.whole',
    level: 'WARN',
    message: /no primary key/,
  },
  'lists that no table matches': {
    options: { 'table.include.list': 'public\\.ordres' },
    check: 'tables',
    level: 'FAIL',
    message: /no table matches/,
    byHand: /table\.include\.list; there is .*public\.orders/,
  },
  'a publication that nobody made': {
    options: { 'publication.autocreate.mode': 'disabled' },
    check: 'publication',
    level: 'FAIL',
    message: /there is no publication pub/,
  },
  'a publication without a captured table': {
    plant: ['create publication pub'],
    options: { 'publication.autocreate.mode': 'disabled' },
    check: 'publication',
    level: 'FAIL',
    message: /leaves out 1 captured table$/,
  },
  'a publication without deletes': {
    plant: [
      `create publication pub for table orders with (publish = 'insert, update')`,
      'alter publication pub owner to app',
    ],
    options: { 'skipped.operations': 'none' },
    check: 'publication',
    level: 'FAIL',
    message: /leaves out: delete, truncate/,
  },
  'a publication for all tables that is to be filtered': {
    plant: ['create publication pub for all tables'],
    check: 'publication',
    level: 'FAIL',
    message: /would narrow it/,
  },
  'a slot of another kind': {
    plant: [`select pg_create_physical_replication_slot('slot_a')`],
    check: 'slot',
    level: 'FAIL',
    message: /is for physical replication, not for pgoutput/,
  },
  'a slot of another database': {
    plant: [`select pg_create_logical_replication_slot('slot_a', 'pgoutput')`],
    options: { 'database.dbname': 'postgres' },
    check: 'slot',
    level: 'FAIL',
    message: /belongs to the database shop/,
  },
  'a database that is not there': {
    options: { 'database.dbname': 'shops' },
    check: 'connection',
    level: 'FAIL',
    message: /"shops" does not exist/,
  },
  'a wrong password': {
    options: { 'database.password': 'wrong' },
    check: 'connection',
    level: 'FAIL',
    message: /password authentication failed/,
    byHand: /database\.user and database\.password/,
  },
  'a server that is not there': {
    options: { 'database.port': '1' },
    check: 'connection',
    level: 'FAIL',
    message: /ECONNREFUSED/,
    byHand: /Start PostgreSQL at .*:1 and let it listen/,
  },
}

describe('the preflight of PostgreSQL', () => {
  let postgres: PostgresServer
  before(async () => {
    postgres = await startPostgres()
    await postgres.query(LIMITED)
    await postgres.query('select pg_reload_conf()')
    await postgres.query(`create role app login replication password 'secret'`)
    await postgres.query('create database shop')
    await postgres.query('grant create on database shop to app')
    await postgres.query('create table orders (id int primary key, name text)', 'shop')
    await postgres.query('alter table orders owner to app', 'shop')
  })
  after(() => postgres?.stop())

  const look = async (options: Readonly<Record<string, string>> = {}): Promise<readonly Finding[]> => {
    const config = {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': postgres.host,
      'database.port': String(postgres.port),
      'database.user': 'app',
      'database.password': 'secret',
      'database.dbname': 'shop',
      'topic.prefix': 'p',
      'table.include.list': 'public\\.orders',
      'slot.name': 'slot_a',
      'publication.name': 'pub',
      'publication.autocreate.mode': 'filtered',
      ...options,
    }
    const context = { signal: AbortSignal.timeout(60_000), topics: [] }
    return (await postgresPreflight(config, context)).findings
  }

  test('finds nothing where nothing is wrong, and names the columns of what is captured', async () => {
    const findings = await look()
    assert.deepEqual(
      findings.filter(({ level }) => level !== 'OK'),
      [],
    )
    assert.match(findings.map(({ message }) => message).join('\n'), /PostgreSQL 18.*wal_level is logical/s)
  })

  for (const [what, fault] of Object.entries(FAULTS)) {
    test(`names ${what}, and its remedy mends it`, async () => {
      const { plant = [], settings, options = {}, check, level, message, byHand } = fault
      if (settings !== undefined) await postgres.restart(settings)
      for (const statement of plant) await postgres.query(statement, 'shop')
      try {
        const found = (await look(options)).find((one) => one.check === check && one.level !== 'OK')
        assert.ok(found, `no finding about ${check}`)
        assert.equal(found.level, level)
        assert.match(found.message, message)
        if (byHand !== undefined) return assert.match(found.remedy!.apply, byHand)
        const mended = await applied(postgres, found, options)
        const left = (await look(mended)).filter((one) => one.check === check && one.level !== 'OK')
        assert.deepEqual(left, [])
      } finally {
        await tidyUp(postgres, settings !== undefined)
      }
    })
  }
})

/** Does what the remedy says, as it is printed; answers the options with what it changes of them. */
async function applied(
  postgres: PostgresServer,
  { remedy }: Finding,
  options: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { apply, where, thenRestart } = remedy!
  if (where === 'connector') {
    const [, name, value] = /(?:^|: )([a-z.]+)=(\S+)$/.exec(apply)!
    return { ...options, [name!]: value! }
  }
  assert.equal(where, 'sql')
  for (const statement of apply.split(/;\s*/).filter(Boolean)) {
    const isElsewhere = statement.startsWith('CREATE DATABASE')
    await postgres.query(statement, isElsewhere ? 'postgres' : 'shop')
  }
  // What was given on the command line would win over ALTER SYSTEM.
  if (thenRestart) await postgres.restart(settingOf(apply))
  return options
}

function settingOf(apply: string): Record<string, string> {
  const [, name, value] = /ALTER SYSTEM SET (\w+) = '?(\w+)'?;/.exec(apply)!
  return { [name!]: value! }
}

async function tidyUp(postgres: PostgresServer, isRestarted: boolean): Promise<void> {
  await postgres.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots', 'shop')
  if (isRestarted)
    await postgres.restart({ wal_level: 'logical', max_replication_slots: '20', max_wal_senders: '20' })
  await postgres.query('drop publication if exists pub', 'shop')
  await postgres.query('alter role app login replication', 'shop')
  await postgres.query('grant connect on database shop to public', 'shop')
  await postgres.query('grant create on database shop to app', 'shop')
  await postgres.query('alter system reset all', 'shop')
  await postgres.query(LIMITED, 'shop')
  await postgres.query('select pg_reload_conf()', 'shop')
}
