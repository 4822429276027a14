import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllDone, judgeItem, parseBulkResponse } from './bulk-response.ts'
import { describeFailure, parseFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'

test('an item is judged by its operation, status and error', () => {
  const cases: readonly [string, number, object | undefined, string][] = [
    ['index', 201, undefined, 'done'],
    ['index', 200, undefined, 'done'],
    ['delete', 404, undefined, 'done'],
    ['index', 409, { type: 'version_conflict_engine_exception' }, 'outdated'],
    ['delete', 409, { type: 'version_conflict_engine_exception' }, 'outdated'],
    ['update', 409, { type: 'version_conflict_engine_exception' }, 'retry'],
    ['index', 429, { type: 'es_rejected_execution_exception' }, 'retry'],
    ['index', 503, { type: 'unavailable_shards_exception' }, 'retry'],
    ['index', 502, undefined, 'retry'],
    ['index', 403, { type: 'cluster_block_exception' }, 'retry'],
    ['index', 403, { type: 'security_exception' }, 'fatal'],
    ['index', 404, { type: 'index_not_found_exception' }, 'index-missing'],
    ['index', 400, { type: 'mapper_parsing_exception' }, 'malformed'],
    ['index', 400, { type: 'document_parsing_exception' }, 'malformed'],
    ['index', 400, { type: 'strict_dynamic_mapping_exception' }, 'malformed'],
    ['index', 400, { type: 'x', caused_by: { type: 'illegal_argument_exception' } }, 'malformed'],
    ['index', 400, { type: 'index_closed_exception' }, 'fatal'],
    ['index', 500, { type: 'null_pointer_exception' }, 'fatal'],
  ]
  for (const [operation, status, error, kind] of cases) {
    assert.equal(judgeItem(operation, status, error).kind, kind, JSON.stringify([operation, status, error]))
  }
})

test('a mapping that could not be merged is tried again, a field that is known and does not fit is not', () => {
  const kindOf = (type: string, reason: string): string => judgeItem('index', 400, { type, reason }).kind
  for (const reason of [
    'mapper [a.b] cannot be changed from type [long] to [text]',
    'mapper [a] of different type, current_type [long], merged_type [text]',
    "can't merge a non object mapping [a] with an object mapping",
    "can't merge a non-object mapping [a] with an object mapping",
  ]) {
    assert.equal(kindOf('illegal_argument_exception', reason), 'mapping-race', reason)
    assert.equal(kindOf('mapper_parsing_exception', reason), 'malformed', reason)
  }
  assert.equal(
    kindOf('illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'),
    'malformed',
  )
})

test('an answer that is cut, or of another length, says nothing', () => {
  const good = '{"errors":false,"items":[{"index":{"status":201}},{"delete":{"status":404}}]}'
  assert.deepEqual(
    parseBulkResponse(good, 2)?.map(({ kind }) => kind),
    ['done', 'done'],
  )
  assert.equal(parseBulkResponse(good, 3), null)
  assert.equal(parseBulkResponse(good.slice(0, -1), 2), null)
  assert.equal(parseBulkResponse('{"errors":false,"items":[{},{"index":{"status":201}}]}', 2), null)
  assert.equal(parseBulkResponse('<html>', 2), null)
  assert.equal(parseBulkResponse('{}', 0), null)
})

test('an answer without errors is known without parsing it', () => {
  const answer = (text: string, items: number) => isAllDone(Buffer.from(text), items)
  const item = '{"index":{"status":201}}'
  assert.equal(answer(`{"errors":false,"items":[${item},${item}]}`, 2), true)
  assert.equal(
    answer(`{"errors":false,"took":3,"items":[{"index":{"_id":"a\\"status\\":","status":200}}]}`, 1),
    true,
  )
  assert.equal(answer(`{"errors":false,"items":[${item},${item}]}`, 3), false)
  assert.equal(answer(`{"errors":false,"items":[${item},{"index":{"sta`, 2), false)
  assert.equal(answer(`{"errors":false,"items":[${item},${item}`, 3), false)
  assert.equal(answer(`{"errors":true,"items":[${item}]}`, 1), false)
  assert.equal(answer('', 0), false)
})

test('a failure is told with its causes, as the reference tells it', () => {
  const failure = parseFailure({
    type: 'mapper_parsing_exception',
    reason: 'failed to parse field [n]',
    caused_by: { type: 'number_format_exception', reason: 'For input string: "word"' },
  })
  assert.equal(
    describeFailure(failure),
    'ElasticsearchException[Elasticsearch exception [type=mapper_parsing_exception, reason=failed to parse field [n]]]; ' +
      'nested: ElasticsearchException[Elasticsearch exception [type=number_format_exception, reason=For input string: "word"]];',
  )
  assert.match(
    describeFailure(parseFailureAnswer(502, Buffer.from('<html>'))),
    /type=http_502, reason=HTTP status 502/,
  )
  assert.match(describeFailure(parseFailureAnswer(400, Buffer.from('{"error":"text"}'))), /reason=text/)
})
