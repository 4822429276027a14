import { DeadLetters, type LetterPage } from '../../connect/dead-letters/dead-letters.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint, type RestRequest } from '../endpoint.ts'
import { invalidBody, jsonBody, objectOf } from '../json-body.ts'
import { bytesJson } from '../topic-records.ts'
import { integerOf } from './request-parameters.ts'

const DEFAULT_LETTERS = 50
const MOST_LETTERS = 500

/** Dead letter topics: an addition of tailrace's own. */
export function deadLetterEndpoints(herder: Herder): readonly Endpoint[] {
  const letters = new DeadLetters(herder.log)
  return [
    {
      method: 'GET',
      path: '/dead-letters',
      async handle() {
        const topics: JsonObject[] = []
        for (const [topic, connectors] of deadLetterTopics(herder)) {
          const count = await letters.openCount(topic)
          topics.push({
            topic,
            connectors,
            exists: count !== null,
            open: count?.open ?? 0,
            all: count?.all ?? 0,
          })
        }
        return ok(topics)
      },
    },
    {
      method: 'GET',
      path: '/dead-letters/:topic',
      async handle(request) {
        const partition = Number(integerOf(request, 'partition', 0n))
        const before = request.query.get('before') ? integerOf(request, 'before', 0n) : null
        const limit = Math.min(Number(integerOf(request, 'limit', BigInt(DEFAULT_LETTERS))), MOST_LETTERS)
        return ok(pageJson(await letters.page({ topic: request.param('topic'), partition }, before, limit)))
      },
    },
    {
      method: 'POST',
      path: '/dead-letters/:topic/retry',
      async handle(request) {
        return ok({ outcomes: await letters.retry(placesOf(request)) })
      },
    },
    {
      method: 'POST',
      path: '/dead-letters/:topic/discard',
      async handle(request) {
        await letters.discard(placesOf(request))
        return { status: 204 }
      },
    },
  ]
}

/** The topics that connectors name, each with those that do. */
function deadLetterTopics(herder: Herder): ReadonlyMap<string, string[]> {
  const topics = new Map<string, string[]>()
  for (const name of herder.connectors()) {
    const topic = herder.connectorInfo(name).config['errors.deadletterqueue.topic.name']?.trim() ?? ''
    if (topic !== '') topics.set(topic, [...(topics.get(topic) ?? []), name])
  }
  return topics
}

/** The body `{"partition":0,"offsets":[…]}`. */
function placesOf(request: RestRequest): readonly TopicPartitionOffset[] {
  const { partition = 0, offsets } = objectOf(jsonBody(request.body), 'The request body', [
    'partition',
    'offsets',
  ])
  if (!Array.isArray(offsets) || offsets.length > MOST_LETTERS) {
    throw invalidBody(`The request body must have a list "offsets" of at most ${MOST_LETTERS} numbers`)
  }
  const topic = request.param('topic')
  return (offsets as readonly JsonValue[]).map((offset) => ({
    topic,
    partition: Number(wholeNumber(partition, 'partition')),
    offset: wholeNumber(offset, 'offsets'),
  }))
}

function wholeNumber(value: JsonValue, field: string): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  throw invalidBody(`The request body: "${field}" must hold whole numbers`)
}

function pageJson({ letters, before }: LetterPage): JsonObject {
  return {
    before,
    records: letters.map(
      ({ partition, offset, timestampMs, key, value, headers, origin, context, mark }) => ({
        partition,
        offset,
        timestamp: timestampMs,
        key: bytesJson(key),
        value: bytesJson(value),
        headers: headers.map((header) => [header.name, bytesJson(header.value)]),
        origin: origin === null ? null : { ...origin },
        connector: context['connector.name'] ?? null,
        stage: context['stage'] ?? null,
        exception: context['exception.class.name'] ?? null,
        message: context['exception.message'] ?? null,
        trace: context['exception.stacktrace'] ?? null,
        mark: mark === null ? null : { action: mark.action, at: mark.atMs },
      }),
    ),
  }
}
