import type { PostgresServer } from '../servers/postgres.ts'
import type { WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { comparableRecords, contents, type TopicRecord } from './comparable-records.ts'
import { parseJson, printJson } from './lossless-json.ts'
import { filled, type Scenario, type ScenarioStep } from './scenario.ts'

/** `general`: as if no record could be compiled. */
export type Way = 'compiled' | 'general'

export interface Stage {
  readonly postgres: PostgresServer
  readonly worker: WorkerProcess
  /** Bootstrap servers where the worker's topics are Kafka's. */
  readonly kafka?: string
}

/** Copies no header into no field, and cannot be compiled: every record behind it takes the general path. */
export const PASS_ON = {
  'transforms.pass.type': 'io.debezium.transforms.HeaderToValue',
  'transforms.pass.headers': 'there is no such header',
  'transforms.pass.fields': 'there',
  'transforms.pass.operation': 'copy',
}

/** The records of a scenario, by topic, in comparable form. */
export async function playScenario(
  unfilled: Scenario,
  stage: Stage,
  way: Way,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { name } = unfilled
  const database = databaseOf(name, way)
  const variables = {
    name: `${way}-${name}`,
    prefix: database,
    db: database,
    slot: database,
    publication: database,
    kafka: stage.kafka ?? '',
    // For who connects besides the connector.
    pghost: stage.postgres.host,
    pgport: String(stage.postgres.port),
    pguser: stage.postgres.user,
    pgpassword: stage.postgres.password,
  }
  const { config, ...scenario } = filled(unfilled, variables)
  const play = new Play(scenario, stage, variables)
  await stage.postgres.query(`create database ${database} template template0 encoding 'UTF8'`)
  try {
    for (const sql of scenario.setup ?? []) await stage.postgres.query(sql, database)
    await stage.worker.create(variables.name, connectorConfig(stage, { database, config: config ?? {}, way }))
    for (const step of scenario.steps ?? []) await play.step(step)
    await play.wait(scenario.records)
    return await play.records()
  } finally {
    await stage.worker.rest('DELETE', `/connectors/${variables.name}`)
  }
}

export function databaseOf(scenario: string, way: Way): string {
  return `${way === 'compiled' ? 'rec' : 'gen'}_${scenario.replaceAll('-', '_')}`
}

function connectorConfig(
  { postgres }: Stage,
  {
    database,
    config,
    way,
  }: {
    readonly database: string
    readonly config: Readonly<Record<string, string | null>>
    readonly way: Way
  },
): Record<string, string> {
  const all = {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'database.hostname': postgres.host,
    'database.port': String(postgres.port),
    'database.user': postgres.user,
    'database.password': postgres.password,
    'database.dbname': database,
    'topic.prefix': database,
    'plugin.name': 'pgoutput',
    'slot.name': database,
    'publication.name': database,
    ...Object.fromEntries(Object.entries(config).filter((entry) => entry[1] !== null)),
  } as Record<string, string>
  if (way === 'compiled') return all
  const transforms = all['transforms'] === undefined ? 'pass' : `pass,${all['transforms']}`
  return { ...all, ...PASS_ON, transforms }
}

class Play {
  readonly #scenario: Scenario
  readonly #stage: Stage
  readonly #variables: { readonly name: string; readonly db: string; readonly prefix: string }

  constructor(
    scenario: Scenario,
    stage: Stage,
    variables: { readonly name: string; readonly db: string; readonly prefix: string },
  ) {
    this.#scenario = scenario
    this.#stage = stage
    this.#variables = variables
  }

  async step(step: ScenarioStep): Promise<void> {
    const { postgres, worker } = this.#stage
    const { db } = this.#variables
    if ('sql' in step) {
      const session = step.conn === undefined || step.conn === 'a' ? undefined : step.conn
      for (const sql of [step.sql].flat()) await postgres.query(sql, db, session)
    } else if ('wait' in step) await this.wait(step.wait)
    else if ('streaming' in step) {
      const senders = `select 1 from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid
        where s.slot_name = '${db}' and r.state in ('catchup', 'streaming')`
      await this.#until('the slot in use', async () => {
        return (await postgres.query(senders)).length > 0 === step.streaming
      })
    } else if ('rest' in step) {
      const [method, path, body] = step.rest
      const { status } = await worker.rest(method, path, body)
      if (status >= 400) throw new Error(`${method} ${path} answered ${status}`)
    } else if ('state' in step) {
      await this.#until(step.state, async () => {
        const { connector, tasks } = await worker.states(this.#variables.name)
        const areTasks =
          step.state === 'STOPPED'
            ? tasks.length === 0
            : tasks.length > 0 && tasks.every((t) => t === step.state)
        return connector === step.state && areTasks
      })
    } else if ('query' in step) {
      await this.#until(
        step.query,
        async () => Object.values((await postgres.query(step.query, db))[0]!)[0] === true,
      )
    } else if ('await_keys' in step) {
      const [topic, keys] = step.await_keys
      const wanted = keys.map((key) => printJson(parseJson(JSON.stringify(key))))
      await this.#until(`all keys in ${topic}`, async () => {
        const seen = new Set((await this.#read(topic)).map(({ key }) => printJson(contents(key))))
        return wanted.every((key) => seen.has(key))
      })
    } else {
      const { topic, key, value } = step.kafka
      const record = { ...(key !== undefined && { key }), ...(value !== undefined && { value }) }
      await worker.rest('PUT', `/topics/${topic}`, { partitions: 1 })
      const { status, body } = await worker.rest('POST', `/topics/${topic}/records`, { records: [record] })
      if (status >= 400) throw new Error(`POST to ${topic} answered ${status}: ${JSON.stringify(body)}`)
    }
  }

  async wait(count: number | Readonly<Record<string, number>>): Promise<void> {
    const { any_count = [], ignore_topics = [] } = this.#scenario
    const isThere = async (): Promise<boolean> => {
      if (typeof count !== 'number') {
        for (const [topic, least] of Object.entries(count)) {
          if ((await this.#stage.worker.records(topic)) < least) return false
        }
        return true
      }
      let sum = 0
      for (const topic of await this.#topics()) {
        if (!any_count.includes(topic) && !ignore_topics.includes(topic)) {
          sum += await this.#stage.worker.records(topic)
        }
      }
      return sum >= count
    }
    await this.#until(`${JSON.stringify(count)} records`, isThere)
  }

  async records(): Promise<ReadonlyMap<string, readonly string[]>> {
    const all = new Map<string, readonly string[]>()
    for (const topic of (await this.#topics()).sort()) {
      if (this.#scenario.ignore_topics?.includes(topic)) continue
      const records = comparableRecords(topic, await this.#read(topic), this.#scenario)
      if (records.length > 0) all.set(topic, records)
    }
    return all
  }

  /** Those of the scenario and whatever else the connector wrote to. */
  async #topics(): Promise<string[]> {
    const { topics, any_count = [] } = this.#scenario
    const all = (await this.#stage.worker.rest('GET', '/topics')).body as string[]
    return all.filter(
      (topic) =>
        topics.includes(topic) || any_count.includes(topic) || topic.startsWith(`${this.#variables.prefix}.`),
    )
  }

  async #read(topic: string): Promise<TopicRecord[]> {
    const { worker } = this.#stage
    const { status, body } = await worker.rest('GET', `/topics/${topic}`)
    if (status === 404) return []
    const records: TopicRecord[] = []
    for (const { partition, end_offset: end } of (body as TopicAnswer).partitions) {
      for (let offset = 0; offset < end;) {
        const path = `/topics/${topic}/records?partition=${partition}&offset=${offset}&limit=1000`
        const answer = (await worker.rest('GET', path)).body as RecordsAnswer
        records.push(...answer.records)
        offset = answer.next_offset
      }
    }
    return records
  }

  /** Fails at once when the connector does. */
  async #until(what: string, probe: () => Promise<boolean>): Promise<void> {
    const failure = await waitFor(what, async () => {
      if (await probe()) return 'none'
      const { trace } = await this.#stage.worker.states(this.#variables.name)
      return trace !== '' && trace
    })
    if (failure !== 'none') throw new Error(`Waiting for ${what}: ${failure}`)
  }
}

interface TopicAnswer {
  readonly partitions: readonly { readonly partition: number; readonly end_offset: number }[]
}

interface RecordsAnswer {
  readonly records: readonly TopicRecord[]
  readonly next_offset: number
}
