import type { PostgresServer } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { connectionConfig } from './connections.ts'
import { TaskDriver, type OffsetStore, type SeenChange } from './task-driver.ts'

/** A database of its own with some tables, and a task that captures it. */
export class TaskScene {
  static #count = 0
  readonly #server: PostgresServer
  readonly database: string
  readonly config: ConnectorConfig
  readonly store: OffsetStore = { offset: null }

  private constructor(server: PostgresServer, database: string, more: ConnectorConfig) {
    this.#server = server
    this.database = database
    this.config = {
      ...connectionConfig(server, database),
      'plugin.name': 'pgoutput',
      'slot.name': database,
      'slot.max.retries': '0',
      'status.update.interval.ms': '200',
      ...more,
    }
  }

  static async create(
    server: PostgresServer,
    statements: readonly string[],
    more: ConnectorConfig = {},
  ): Promise<TaskScene> {
    const scene = new TaskScene(server, `scene_${process.pid}_${++TaskScene.#count}`, more)
    await server.query(`create database ${scene.database}`)
    for (const statement of statements) await scene.sql(statement)
    return scene
  }

  sql(text: string): Promise<Record<string, unknown>[]> {
    return this.#server.query(text, this.database)
  }

  start(): Promise<TaskDriver> {
    return TaskDriver.start({ config: this.config, store: this.store })
  }

  /** Resolves once nobody streams: the server needs a moment to see that its client is gone. */
  async released(slot = this.database): Promise<void> {
    await waitFor('the slot to be free', async () => {
      const rows = await this.sql(
        `select 1 from pg_replication_slots where slot_name = '${slot}' and not active`,
      )
      return rows.length === 1
    })
  }

  /** Resolves once the task streams. */
  async streaming(): Promise<void> {
    await waitFor('a walsender on the slot', async () => {
      const rows = await this.sql(`select 1 from pg_stat_replication r
        join pg_replication_slots s on s.active_pid = r.pid where s.slot_name = '${this.database}' and r.state = 'streaming'`)
      return rows.length === 1
    })
  }
}

/** Waits for so many changes, or for what made the task fail. */
export async function changesOf(driver: TaskDriver, count: number): Promise<readonly SeenChange[]> {
  await waitFor(`${count} changes`, () => {
    if (driver.failure !== null) throw driver.failure
    return driver.changes.length >= count
  })
  return driver.changes
}
