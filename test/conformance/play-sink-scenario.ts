import { setTimeout as delay } from 'node:timers/promises'
import { startFaultyElasticsearch } from '../servers/faulty-elasticsearch.ts'
import { sinkConfig, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import type { Json } from './lossless-json.ts'
import { SinkOutcome, type ConnectorStatus } from './sink-outcome.ts'
import {
  readSinkScenario,
  type Condition,
  type Overrides,
  type ScenarioRecord,
  type SinkScenario,
  type SinkStep,
} from './sink-scenario.ts'

const DEADLINE_MS = 60_000
/** Records of one request. */
const REQUEST_CHARACTERS = 1_000_000
/** How long a task may be FAILED where nobody waits for that. */
const FAILED_MS = 5000
/** A machine that is busy would make the sink write twice what it has no answer for within the three seconds of the default. */
const PATIENT = { 'read.timeout.ms': '60000' }

/** The outcome of a scenario in the form of the golden files. */
export async function playSinkScenario(
  name: string,
  stage: { readonly worker: WorkerProcess; readonly elasticsearch: string },
): Promise<ReadonlyMap<string, Json>> {
  const runId = `q${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`
  const connector = `snk-${runId}-${name}`
  const { fake_es: fault } = readSinkScenario(name)
  await using faulty = fault === undefined ? null : await startFaultyElasticsearch(stage.elasticsearch, fault)
  const url = faulty?.url ?? stage.elasticsearch
  const scenario = readSinkScenario(name, { R: runId, C: connector, ES: url })
  const outcome = new SinkOutcome(scenario, { ...stage, connector, disguises: { [url]: 'ES', [runId]: 'R' } })
  const play = new Play(scenario, { ...stage, connector, url, outcome })
  try {
    return await play.all()
  } finally {
    await play.end()
  }
}

class Play {
  readonly #scenario: SinkScenario
  readonly #worker: WorkerProcess
  readonly #elasticsearch: string
  readonly #connector: string
  readonly #url: string
  readonly #outcome: SinkOutcome
  readonly #made = new Set<string>()

  constructor(
    scenario: SinkScenario,
    stage: {
      readonly worker: WorkerProcess
      readonly elasticsearch: string
      readonly connector: string
      readonly url: string
      readonly outcome: SinkOutcome
    },
  ) {
    this.#scenario = scenario
    this.#worker = stage.worker
    this.#elasticsearch = stage.elasticsearch
    this.#connector = stage.connector
    this.#url = stage.url
    this.#outcome = stage.outcome
  }

  async all(): Promise<ReadonlyMap<string, Json>> {
    const { topics = {}, before = [], records = [], config, steps = [], until, settle_ms } = this.#scenario
    for (const [topic, partitions] of Object.entries(topics)) {
      await this.#worker.rest('PUT', `/topics/${topic}`, { partitions })
    }
    for (const step of before) await this.#step(step)
    await this.#produce(records)
    if (config !== undefined) await this.#step({ create: config })
    for (const step of steps) await this.#step(step)
    const isReached = until === undefined || (await this.#wait(until, DEADLINE_MS))
    // What comes too late, or twice, is to be seen.
    await delay(settle_ms ?? 500)
    return this.#outcome.all(isReached, (offsets) => this.#commitAll(offsets))
  }

  async end(): Promise<void> {
    for (const name of this.#made) await this.#worker.rest('DELETE', `/connectors/${name}`)
  }

  /** Stopping makes the task commit what it has done. */
  async #commitAll(offsets: number): Promise<void> {
    await this.#worker.rest('PUT', `/connectors/${this.#connector}/stop`)
    await this.#wait({ connector: 'STOPPED', tasks: 0 }, DEADLINE_MS)
    await this.#wait({ offsets }, 5000)
  }

  async #step(step: SinkStep): Promise<void> {
    if ('produce' in step) await this.#produce(step.produce)
    else if ('rest' in step) {
      const [method, path] = step.rest.split(' ', 2) as [string, string]
      await this.#saved(step.rest, step.save, await this.#rest(method, path, step.body))
    } else if ('create' in step) {
      const name = step.name ?? this.#connector
      this.#made.add(name)
      const body = { name, config: this.#config(step.create) }
      await this.#saved(`create ${name}`, step.save, await this.#rest('POST', '/connectors', body))
    } else if ('es' in step) {
      const [method, path] = step.es.split(' ', 2) as [string, string]
      const { status, text } = await this.#outcome.elasticsearch(method, path, step.body)
      if (status >= 400 && step.may_fail !== true) throw new Error(`${step.es} answered ${status}: ${text}`)
    } else if ('wait' in step) {
      const hasHeld = await this.#wait(step.wait, (step.deadline_s ?? 60) * 1000)
      if (hasHeld || step.may_fail === true) return
      const status = JSON.stringify(await this.#outcome.status())
      throw new Error(`Never held: ${JSON.stringify(step.wait)}; the connector is ${status}`)
    } else if ('sleep_ms' in step) await delay(step.sleep_ms)
    else if ('save_status' in step) this.#outcome.save(step.save_status, await this.#outcome.state())
    else this.#outcome.save(step.save_docs[0], await this.#outcome.documents(step.save_docs[1]))
  }

  async #saved(what: string, label: string | undefined, answer: TextAnswer): Promise<void> {
    const { status, text } = answer
    if (label !== undefined) this.#outcome.saveAnswer(label, status, text)
    else if (status >= 400) throw new Error(`${what} answered ${status}: ${text}`)
  }

  #config(overrides: Overrides): Readonly<Record<string, string | null>> {
    const topics = Object.keys(this.#scenario.topics ?? {}).filter((topic) => !topic.endsWith('-dlq'))
    const basic = sinkConfig(this.#url, topics.join(), { 'type.name': '_doc', ...PATIENT })
    const all = { ...basic, ...overrides }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
  }

  async #produce(records: readonly ScenarioRecord[]): Promise<void> {
    const byDefault = Object.keys(this.#scenario.topics ?? {})[0] ?? ''
    let batch: object[] = []
    let characters = 0
    let topic = byDefault
    const send = async (): Promise<void> => {
      if (batch.length === 0) return
      const { status, text } = await this.#rest('POST', `/topics/${topic}/records`, { records: batch })
      if (status >= 400) throw new Error(`POST of records to ${topic} answered ${status}: ${text}`)
      batch = []
      characters = 0
    }
    for (const record of records) {
      if ((record.topic ?? byDefault) !== topic) await send()
      topic = record.topic ?? byDefault
      for (let n = 0; n < (record.repeat ?? 1); n++) {
        const one = newRecord(record, n)
        batch.push(one)
        characters += JSON.stringify(one).length
        if (characters > REQUEST_CHARACTERS) await send()
      }
    }
    await send()
  }

  /** A worker that is about something else answers 409; a name that exists does, too. */
  async #rest(method: string, path: string, body?: unknown): Promise<TextAnswer> {
    return waitFor(`an answer to ${method} ${path}`, async () => {
      const answer = await fetch(this.#worker.url + path, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      })
      const text = await answer.text()
      return (answer.status !== 409 || text.includes('already exists')) && { status: answer.status, text }
    })
  }

  async #wait(condition: Condition, deadlineMs: number): Promise<boolean> {
    const isFailureAwaited = JSON.stringify(condition).includes('FAILED')
    const endAt = performance.now() + deadlineMs
    let failedAt: number | null = null
    for (;;) {
      const status = await this.#outcome.status()
      if (await this.#holds(condition, status)) return true
      const hasFailed = !isFailureAwaited && status.tasks.some(({ state }) => state === 'FAILED')
      failedAt = hasFailed ? (failedAt ?? performance.now()) : null
      if (performance.now() > endAt) return false
      if (failedAt !== null && performance.now() - failedAt > FAILED_MS) return false
      await delay(100)
    }
  }

  async #holds(condition: Condition, status: ConnectorStatus): Promise<boolean> {
    for (const [index, count] of Object.entries(condition.docs ?? {})) {
      if ((await this.#outcome.documentCount(index)) !== count) return false
    }
    if (condition.doc !== undefined && !(await this.#isDocument(...condition.doc))) return false
    const { task, tasks, connector, dlq, offsets, any } = condition
    const states = status.tasks.map(({ state }) => state)
    if (task === 'FAILED' && !states.includes('FAILED')) return false
    if (task !== undefined && (states.length === 0 || states.some((state) => state !== task))) {
      if (task !== 'FAILED') return false
    }
    if (tasks !== undefined && states.length !== tasks) return false
    if (connector !== undefined && status.connector.state !== connector) return false
    if (dlq !== undefined && (await this.#worker.records(this.#scenario.record.dlq!)) < dlq) return false
    if (offsets !== undefined && (await this.#outcome.offsetSum()) < offsets) return false
    if (any === undefined) return true
    for (const one of any) if (await this.#holds(one, status)) return true
    return false
  }

  async #isDocument(
    index: string,
    id: string,
    fields: Readonly<Record<string, unknown>> | null,
  ): Promise<boolean> {
    const answer = await fetch(`${this.#elasticsearch}/${index}/_doc/${encodeURIComponent(id)}`)
    const text = await answer.text()
    if (fields === null) return answer.status === 404
    if (!answer.ok) return false
    const { _source: source } = JSON.parse(text) as { _source: Record<string, unknown> }
    return Object.entries(fields).every(([name, value]) => (source[name] ?? null) === value)
  }
}

interface TextAnswer {
  readonly status: number
  readonly text: string
}

function newRecord(record: ScenarioRecord, n: number): object {
  const bytes = (text: string | null | undefined, hex: string | undefined) => {
    if (hex !== undefined) return { base64: Buffer.from(hex, 'hex').toString('base64') }
    return text?.replaceAll('%n', String(n)).replaceAll('%pad', 'x'.repeat(record.pad ?? 0)) ?? null
  }
  return {
    partition: record.partition ?? 0,
    key: bytes(record.key, record.key_hex),
    value: bytes(record.value, record.value_hex),
    headers: record.headers ?? [],
    ...(record.timestamp !== undefined && { timestamp: record.timestamp }),
  }
}
