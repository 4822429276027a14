import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnFilter, tableFilter } from '../../src/postgres/options/capture-filter.ts'
import { columnRules } from '../../src/postgres/options/column-rules.ts'
import { messageKeys } from '../../src/postgres/options/message-keys.ts'
import { replicaIdentities } from '../../src/postgres/options/replica-identities.ts'
import { snapshotOptions } from '../../src/postgres/options/snapshot-options.ts'
import { topicNaming } from '../../src/postgres/options/topic-naming.ts'
import { topicNameMatches } from '../../src/predicates/topic-name-matches.ts'
import { regexRouter } from '../../src/transforms/apache/regex-router.ts'
import { JavaPattern } from '../../src/api/java/java-pattern.ts'
import { startWorker } from '../servers/worker.ts'

/** JavaScript's own engine would be at it for years. */
const NESTED = '(a+)+x'
/** As long as names get. */
const NAME = `${'a'.repeat(62)}!`
const COLUMN = { name: NAME, type: 25, modifier: -1 }

const USES: readonly (readonly [string, () => unknown])[] = [
  [
    'table.include.list',
    () => tableFilter({ 'table.include.list': `a+\\.${NESTED}` })(NAME.slice(0, 62), NAME),
  ],
  ['column.exclude.list', () => columnFilter({ 'column.exclude.list': `(.*a)*\\.x` })(NAME, NAME, NAME)],
  [
    'column.mask',
    () => columnRules({ 'column.mask.with.3.chars': '(.*a)*\\.x' })(NAME, NAME, COLUMN as never),
  ],
  [
    'message.key.columns',
    () => messageKeys('(.*a)*x:(.*a)*x')({ schema: NAME, table: NAME, columns: [COLUMN] } as never),
  ],
  ['replica.identity.autoset.values', () => replicaIdentities('(.*a)*x:FULL')(NAME, NAME)],
  [
    'snapshot.include.collection.list',
    () => snapshotOptions({ 'snapshot.include.collection.list': '(.*a)*x' }),
  ],
  [
    'topic.regex',
    () =>
      topicNaming({
        'topic.prefix': 'p',
        'topic.naming.strategy': 'io.debezium.schema.DefaultRegexTopicNamingStrategy',
        'topic.regex': `(.*a)*x`,
        'topic.replacement': 'x',
      }),
  ],
  ['topics.regex', () => new JavaPattern(NESTED).matches(NAME)],
  ['TopicNameMatches', () => topicNameMatches.create({ pattern: NESTED }).compile!({ topic: NAME } as never)],
  [
    'RegexRouter',
    () => regexRouter.create({ regex: NESTED, replacement: 'x' }).compile!({ topic: NAME } as never),
  ],
]

test('no regular expression of an option takes for ever, whatever the name', () => {
  const started = process.cpuUsage()
  for (const [, use] of USES) use()
  assert.ok(process.cpuUsage(started).user / 1e6 < 10)
})

test('validation refuses an expression that could take for ever, and is not held up by any', async () => {
  await using worker = await startWorker()
  const path = '/connector-plugins/ElasticsearchSinkConnector/config/validate'
  const base = {
    'connector.class': 'ElasticsearchSinkConnector',
    name: 'c',
    'connection.url': 'http://127.0.0.1:1',
  }
  const problems = async (options: Readonly<Record<string, string>>): Promise<string> =>
    JSON.stringify((await worker.rest('PUT', path, { ...base, ...options })).body)
  const nested = { 'topics.regex': NESTED, 'errors.deadletterqueue.topic.name': NAME }
  assert.doesNotMatch(await problems(nested), /Invalid regex/)
  assert.match(
    await problems({ 'topics.regex': '((?!x)a+)+$' }),
    /Invalid regex: it could take for ever to match/,
  )
  const routed = {
    topics: 't',
    transforms: 'r',
    'transforms.r.type': regexRouter.className,
    'transforms.r.replacement': 'x',
  }
  assert.match(
    await problems({ ...routed, 'transforms.r.regex': '(?=(a+)+b)a' }),
    /Invalid regex: it could take for ever/,
  )
})
