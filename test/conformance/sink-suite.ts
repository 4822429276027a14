import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startElasticsearch, type ElasticsearchVersion } from '../servers/elasticsearch.ts'
import { startKafka, workersOnKafka } from '../servers/kafka.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { comparable, type Comparable, type FloatText } from './comparable-json.ts'
import type { Json } from './lossless-json.ts'
import { playSinkScenario } from './play-sink-scenario.ts'
import { inOrder } from './sink-outcome.ts'
import { readSinkScenario, sinkGolden, sinkScenarioNames, type Path } from './sink-scenario.ts'

/** How many scenarios are played at the same time: most of their time is waiting. */
const AT_ONCE = 8

/**
 * A test for every scenario: documents, mappings, dead letters, states and offsets are those of the golden files.
 * `isUsual` says which of them `npm test` plays; TAILRACE_CONFORMANCE=all plays all, TAILRACE_CONFORMANCE_LOG=kafka plays
 * them on Kafka, TAILRACE_CONFORMANCE_ELASTICSEARCH=8.10.2 with another version than that of the golden files.
 */
export function sinkSuite(isUsual: (name: string) => boolean): void {
  const isWanted = process.env['TAILRACE_CONFORMANCE'] === 'all' ? () => true : isUsual
  const log = process.env['TAILRACE_CONFORMANCE_LOG'] === 'kafka' ? 'kafka' : 'embedded'
  const version = (process.env['TAILRACE_CONFORMANCE_ELASTICSEARCH'] ?? '8.7.1') as ElasticsearchVersion

  describe(`documents in Elasticsearch ${version} from ${log} topics`, { concurrency: AT_ONCE }, () => {
    const servers = new AsyncDisposableStack()
    let stage: { readonly worker: WorkerProcess; readonly elasticsearch: string }
    before(async () => {
      const [elasticsearch, kafka] = await Promise.all([
        startElasticsearch({ version }),
        log === 'kafka' ? startKafka() : null,
      ])
      servers.use(elasticsearch)
      servers.use(kafka)
      const worker = servers.use(await startWorker(kafka === null ? {} : { env: workersOnKafka(kafka) }))
      stage = { worker, elasticsearch: elasticsearch.url }
    })
    after(() => servers.disposeAsync())

    for (const name of sinkScenarioNames().filter(isWanted)) {
      const scenario = readSinkScenario(name)
      test(`${name}: ${scenario.purpose}`, async () => {
        const came = comparableOutcome(await playSinkScenario(name, stage))
        const wanted = comparableOutcome(sinkGolden(name))
        for (const path of scenario.ignore ?? []) for (const side of [came, wanted]) put(side, path, null)
        for (const [path, pattern] of scenario.loose ?? []) {
          const text = at(came, path)
          if (typeof text === 'string' && new RegExp(pattern).test(text)) put(came, path, at(wanted, path))
        }
        assert.deepEqual(came, wanted)
      })
    }
  })
}

type Tree = { [name: string]: Tree } | Tree[] | Exclude<Comparable, object> | FloatText

function comparableOutcome(outcome: ReadonlyMap<string, Json>): Tree {
  const ordered = new Map(outcome)
  for (const part of ['dlq', 'offsets']) {
    const list = outcome.get(part)
    if (list !== undefined) ordered.set(part, inOrder(list as readonly Json[]))
  }
  const docs = [...(outcome.get('docs') as ReadonlyMap<string, Json>)]
  ordered.set(
    'docs',
    new Map(docs.map(([index, list]) => [index, Array.isArray(list) ? inOrder(list as Json[]) : list])),
  )
  return comparable(ordered) as Tree
}

function at(tree: Tree | undefined, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>((part, step) => (part as Record<string, Tree>)[step], tree)
}

function put(tree: Tree, path: Path, value: Tree | undefined): void {
  const parent = at(tree, path.slice(0, -1)) as Record<string, Tree | undefined> | undefined
  if (parent !== undefined) parent[path.at(-1)!] = value
}
