import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_CONTENT_BYTES } from '../../../test/servers/engines.ts'
import type { EngineServer } from '../../../test/servers/engine-server.ts'
import { describeError } from '../../api/errors.ts'
import { documentsOf } from './engine-documents.ts'
import { jsonBatch } from './sink-batches.ts'
import { SinkRun } from './sink-run.ts'

const IMMENSE_TERM_BYTES = 33_000
const MOST_FIELDS = 1_000

const fields = Array.from({ length: MOST_FIELDS + 1 }, (_, i) => `"f${i}":1`)
const LARGE = 'x'.repeat(MAX_CONTENT_BYTES)

/** Documents that no engine takes, between others that it does: index, mapping, value, and what the engine says. */
const UNFIT: readonly {
  readonly index: string
  readonly properties: object
  readonly value: string
  readonly reason: RegExp
}[] = [
  { index: 'too-large', properties: {}, value: `{"n":2,"s":"${LARGE}"}`, reason: /413/ },
  {
    index: 'immense-term',
    properties: { s: { type: 'keyword' } },
    value: `{"n":2,"s":"${'x'.repeat(IMMENSE_TERM_BYTES)}"}`,
    reason: /immense term/,
  },
  {
    index: 'many-fields',
    properties: {},
    value: `{"n":2,${fields.join()}}`,
    reason: /Limit of total fields \[1000\] has been exceeded/,
  },
  {
    index: 'object-for-number',
    properties: {},
    value: '{"n":{"a":1}}',
    reason: /failed to parse|object mapping|mapper_parsing|document_parsing/,
  },
]

/** What the sink does with documents that an engine refuses. Called within the suite of the engine. */
export function unfitDocuments(engine: () => EngineServer): void {
  for (const { index, properties, value, reason } of UNFIT) {
    const values = ['{"n":1}', value, '{"n":3}', '{"n":4}']
    const records = values.map((value) => ({ value }))

    test(`a document that is refused (${index}) is told with its reason, and the others flow on`, async () => {
      const es = engine()
      await es.rest.json('PUT', `/${index}`, { mappings: { properties: { n: { type: 'long' }, ...properties } } }) // prettier-ignore
      const config = { 'behavior.on.malformed.documents': 'warn' }
      await using run = await SinkRun.start(es.url, config, { hasDeadLetters: true })
      await run.put(jsonBatch(index, records))
      await run.stored(index, 4n)
      assert.deepEqual(Object.keys(await documentsOf(es, index)).sort(), [`${index}+0+0`, `${index}+0+2`, `${index}+0+3`]) // prettier-ignore
      assert.deepEqual(
        run.context.reported.map(({ origin }) => origin.offset),
        [1n],
      )
      assert.match((run.context.reported[0]!.error as Error).message, reason)
      const warnings = run.context.logged.filter(({ level }) => level === 'warn')
      assert.equal(warnings.length, 1)
      assert.match(JSON.stringify(warnings[0]), /"offset":1,"type":"\w+"/)
    })

    test(`and fails the task where nothing else is said (${index}), which names record and reason`, async () => {
      const es = engine()
      await using run = await SinkRun.start(es.url)
      await run.put(jsonBatch(index, records, { baseOffset: 10n }))
      await run.context.until(() => run.context.errors.length > 0)
      const message = describeError(run.context.errors[0])
      assert.match(message, new RegExp(`${index}\\+0\\+11.*topic=${index} partition=0 offset=11`))
      assert.match(message, reason)
      assert.equal(await run.committable(index, 14n), 11n)
    })
  }

  test('requests that bring a new field at once, one as a number, one as a text that is a number, are all taken', async () => {
    const index = 'rival-fields'
    const es = engine()
    const count = 60n
    await using run = await SinkRun.start(es.url, { 'batch.size': '1', 'max.in.flight.requests': '8' })
    const values = Array.from({ length: Number(count) }, (_, i) =>
      i % 2 === 0 ? `{"f${i >> 1}":1}` : `{"f${i >> 1}":"1"}`,
    )
    await run.put(jsonBatch(index, values.map((value) => ({ value })))) // prettier-ignore
    await run.stored(index, count)
    assert.equal(Object.keys(await documentsOf(es, index)).length, Number(count))
  })
}
