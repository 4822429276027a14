import type { Client } from 'pg'
import { connectPostgres } from '../postgres-client.ts'

export interface Row {
  readonly id: number
  readonly name: string
}

const DATABASE = 'exampledb'

/** The walk-through's database `exampledb` with its table `test_table`. */
export class DemoDatabase {
  /** Where `exampledb` is, credentials included. */
  readonly url: URL
  readonly #client: Client

  private constructor(url: URL, client: Client) {
    this.url = url
    this.#client = client
  }

  /**
   * Connects, and creates the database where it is missing.
   *
   * @param serverUrl any database of the server; credentials are taken from it
   */
  static async open(serverUrl: string): Promise<DemoDatabase> {
    const server = await connectPostgres(new URL(serverUrl))
    try {
      const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
      if (rowCount === 0) await server.query(`CREATE DATABASE ${DATABASE}`)
    } finally {
      await server.end()
    }
    const url = new URL(serverUrl)
    url.pathname = `/${DATABASE}`
    return new DemoDatabase(url, await connectPostgres(url))
  }

  /** Whether the table is new. */
  async createTable(): Promise<boolean> {
    const { rows } = await this.#client.query<{ table: string | null }>(
      "SELECT to_regclass('public.test_table') AS table",
    )
    if (rows[0]?.table !== null) return false
    await this.#client.query(
      'CREATE TABLE test_table (id SERIAL PRIMARY KEY, name VARCHAR(50) NOT NULL, description TEXT, ' +
        'created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
    )
    return true
  }

  /** Committed when it resolves. */
  async insert(name: string, description: string): Promise<Row> {
    const { rows } = await this.#client.query<Row>(
      'INSERT INTO test_table (name, description) VALUES ($1, $2) RETURNING id, name',
      [name, description],
    )
    return rows[0]!
  }

  async ids(): Promise<readonly number[]> {
    const { rows } = await this.#client.query<Row>('SELECT id FROM test_table ORDER BY id')
    return rows.map((row) => row.id)
  }

  /** Whether somebody streams from the slot: what is committed from now on is seen at once. */
  async isStreamedFrom(slot: string): Promise<boolean> {
    const { rowCount } = await this.#client.query(
      'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active',
      [slot],
    )
    return rowCount === 1
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}
