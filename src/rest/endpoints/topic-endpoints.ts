import { ConfigError, ConflictError, NotFoundError } from '../../api/errors.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { Herder } from '../../connect/herder.ts'
import type { PartitionDescription, TopicDescription } from '../../log/log.ts'
import { ok, type Endpoint, type RestRequest } from '../endpoint.ts'
import { invalidBody, jsonBody, objectOf } from '../json-body.ts'
import { followTopic } from '../events/topic-feed.ts'
import { appendRecords } from '../new-records.ts'
import { readRecords } from '../topic-records.ts'
import { offsetAt, recordsWithKey } from '../topic-places.ts'
import { integerOf } from './request-parameters.ts'

const DEFAULT_RECORDS = 100
const MAX_RECORDS = 1000
const MAX_PARTITIONS = 10_000

/** Topics and their records: an addition of tailrace's own, which Kafka Connect does not have. */
export function topicEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/topics',
      async handle() {
        return ok((await herder.topics()).map(({ name }) => name))
      },
    },
    {
      method: 'GET',
      path: '/topics/:topic',
      async handle(request) {
        return ok(topicJson(await describe(herder, request.param('topic'))))
      },
    },
    {
      method: 'DELETE',
      path: '/topics/:topic',
      async handle(request) {
        await deleteTopic(herder, request.param('topic'))
        return { status: 204 }
      },
    },
    {
      method: 'PUT',
      path: '/topics/:topic',
      async handle(request) {
        const name = request.param('topic')
        const outcome = await herder.log.createTopic({ name, partitions: partitionsOf(request) })
        return { status: outcome === 'created' ? 201 : 200, body: topicJson(await describe(herder, name)) }
      },
    },
    {
      method: 'POST',
      path: '/topics/:topic/records',
      async handle(request) {
        const topic = await describe(herder, request.param('topic'))
        const { records } = objectOf(jsonBody(request.body), 'The request body', ['records'])
        if (!Array.isArray(records)) throw invalidBody('The request body must have a list "records"')
        await appendRecords(herder.log, topic, records as readonly JsonValue[])
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/topics/:topic/events',
      mediaType: 'text/event-stream',
      async handle(request) {
        const topic = await describe(herder, request.param('topic'))
        return {
          status: 200,
          follow: (stream) => {
            followTopic(herder.log, topic, stream).catch(() => stream.close())
          },
        }
      },
    },
    {
      method: 'GET',
      path: '/topics/:topic/offset',
      async handle(request) {
        const { topic, partition } = await partitionOf(herder, request)
        const timestampMs = Number(integerOf(request, 'timestamp', 0n))
        return ok({ offset: await offsetAt(herder.log, topic, partition, timestampMs) })
      },
    },
    {
      method: 'GET',
      path: '/topics/:topic/matches',
      async handle(request) {
        const { topic, partition } = await partitionOf(herder, request)
        const offset = integerOf(request, 'offset', partition.startOffset)
        const from = { topic, partition: partition.partition, offset, end: partition.endOffset }
        return ok(await recordsWithKey(herder.log, from, Buffer.from(request.query.get('key') ?? '')))
      },
    },
    {
      method: 'GET',
      path: '/topics/:topic/records',
      async handle(request) {
        const { topic, partition } = await partitionOf(herder, request)
        const asked = integerOf(request, 'offset', partition.startOffset)
        const offset = asked < partition.startOffset ? partition.startOffset : asked
        const limit = Math.min(Number(integerOf(request, 'limit', BigInt(DEFAULT_RECORDS))), MAX_RECORDS)
        return ok(await readRecords(herder.log, { topic, partition: partition.partition, offset }, limit))
      },
    },
  ]
}

/** The partition of the query, 0 unless said. Throws `NotFoundError`. */
async function partitionOf(
  herder: Herder,
  request: RestRequest,
): Promise<{ readonly topic: string; readonly partition: PartitionDescription }> {
  const { name, partitions } = await describe(herder, request.param('topic'))
  const id = Number(integerOf(request, 'partition', 0n))
  const partition = partitions.find((candidate) => candidate.partition === id)
  if (partition !== undefined) return { topic: name, partition }
  throw new NotFoundError('rest.topic-unknown', `Topic ${name} has no partition ${id}`)
}

/** The body `{"partitions":n}`, or none. */
function partitionsOf({ body }: RestRequest): number {
  if (body.trim() === '') return 1
  const { partitions = 1 } = objectOf(jsonBody(body), 'The request body', ['partitions'])
  const count = Number(partitions)
  if (typeof partitions !== 'string' && Number.isInteger(count) && count > 0 && count <= MAX_PARTITIONS)
    return count
  throw new ConfigError(
    'rest.request-invalid',
    `The request body: "partitions" must be a whole number from 1 to ${MAX_PARTITIONS}`,
  )
}

export function topicJson({ name, partitions }: TopicDescription): JsonObject {
  return {
    name,
    partitions: partitions.map(({ partition, startOffset, endOffset }) => ({
      partition,
      start_offset: startOffset,
      end_offset: endOffset,
    })),
  }
}

/** Throws `NotFoundError`. */
async function describe(herder: Herder, name: string): Promise<TopicDescription> {
  const topic = await herder.log.describeTopic(name)
  if (topic === null) throw new NotFoundError('rest.topic-unknown', `Topic ${name} not found`)
  return topic
}

/** A topic under a connector that is not stopped would come back empty, and what was in it would be missing for good. */
async function deleteTopic(herder: Herder, name: string): Promise<void> {
  const user = herder
    .connectors()
    .find(
      (connector) =>
        herder.connectorTopics(connector).includes(name) &&
        herder.connectorStatus(connector).connector.state !== 'STOPPED',
    )
  if (user !== undefined) {
    throw new ConflictError(
      'rest.topic-in-use',
      `Topic ${name} is in use by connector ${user}; stop or delete the connector first`,
    )
  }
  if (!(await herder.log.deleteTopic(name))) {
    throw new NotFoundError('rest.topic-unknown', `Topic ${name} not found`)
  }
}
