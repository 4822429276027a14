import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startPostgres } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { TaskScene } from './testing/task-scene.ts'

describe('a user who lacks a right', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  const RIGHTS = {
    LOGIN: 'alter role {role} login',
    REPLICATION: 'alter role {role} replication',
    'CREATE on the database': 'grant create on database {database} to {role}',
    'the tables': 'alter table t owner to {role}',
  } as const
  const FAILURES: readonly [right: keyof typeof RIGHTS, code: string, message: RegExp][] = [
    ['LOGIN', 'postgres.authentication', /is not permitted to log in/],
    ['REPLICATION', 'postgres.permission-denied', /Run ALTER ROLE "\w+" REPLICATION/],
    ['CREATE on the database', 'postgres.permission-denied', /Run GRANT CREATE ON DATABASE "\w+" TO "\w+"/],
    [
      'the tables',
      'postgres.permission-denied',
      /must be owner of table t.*publication\.autocreate\.mode=disabled/,
    ],
  ]
  const sceneFor = async (
    rights: readonly string[],
    more: Record<string, string> = {},
  ): Promise<TaskScene> => {
    const scene = await TaskScene.create(postgres, ['create table t (id int primary key)'], {
      'table.include.list': 'public.t',
      'publication.autocreate.mode': 'filtered',
      ...more,
    })
    const role = `role_${scene.database}`
    await scene.sql(`create role ${role} nologin password 'p'`)
    for (const right of rights)
      await scene.sql(right.replaceAll('{role}', role).replaceAll('{database}', scene.database))
    Object.assign(scene.config, { 'database.user': role, 'database.password': 'p' })
    return scene
  }
  const failureOf = async (scene: TaskScene): Promise<unknown> => {
    try {
      await using driver = await scene.start()
      return await waitFor('it to fail', () => driver.failure ?? false)
    } catch (error) {
      return error
    }
  }

  for (const [right, code, message] of FAILURES) {
    it(`${right}: is told so, and how to mend it`, async () => {
      const others = Object.entries(RIGHTS).flatMap(([name, sql]) => (name === right ? [] : [sql]))
      const failure = (await failureOf(await sceneFor(others))) as Error & { code: string }
      assert.equal(failure.code, code, String(failure))
      assert.match(failure.message, message)
    })
  }

  it('SELECT on a table: is told so, and how to mend it', async () => {
    const scene = await sceneFor([RIGHTS.LOGIN, RIGHTS.REPLICATION], {
      'publication.autocreate.mode': 'disabled',
    })
    await scene.sql('create publication dbz_publication for table t')
    const failure = (await failureOf(scene)) as Error & { code: string }
    assert.equal(failure.code, 'postgres.permission-denied', String(failure))
    assert.match(failure.message, /GRANT SELECT ON TABLE "public"\."t"/)
  })

  it('none needs to be a superuser, not even to catch up by SQL', async () => {
    const scene = await sceneFor(Object.values(RIGHTS), { 'catch.up.threshold.bytes': '1' })
    const first = await scene.start()
    await scene.streaming()
    await scene.sql('insert into t values (1)')
    await waitFor('a change', () => first.changes.length === 1)
    await first.stop()
    await scene.sql('insert into t select generate_series(2, 5000)')
    await using second = await scene.start()
    await waitFor('all changes', () => second.changes.length === 4999)
    assert.ok(second.logs.includes('caught up by SQL'), second.logs.join('; '))
  })

  it('is warned of tables whose updates the server refuses', async () => {
    const scene = await TaskScene.create(postgres, [
      'create table k (id int primary key)',
      'create table n (id int)',
    ])
    await using driver = await scene.start()
    await scene.streaming()
    assert.ok(driver.logs.some((line) => line.startsWith('tables without a primary key or replica identity')))
  })
})
