import type { OptionDefinitions } from '../../api/config-def.ts'
import { range, urls } from './option-validators.ts'

/** Where Elasticsearch is. */
export const addressDefinitions = {
  'connection.url': {
    type: 'LIST',
    validator: urls(),
    importance: 'HIGH',
    width: 'LONG',
    group: 'Connector',
    displayName: 'Connection URLs',
    documentation:
      'Addresses of the Elasticsearch or OpenSearch nodes, separated by commas, for example `http://node1:9200,http://node2:9200`. Requests go to them in turn; a node that does not answer is passed over for a while, and no others are looked for. A path after the port is put before every request.',
  },
  'connection.username': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Connection username',
    documentation: 'The user for basic authentication. Set it together with connection.password.',
  },
  'connection.password': {
    type: 'PASSWORD',
    default: null,
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Connection password',
    documentation: 'The password for basic authentication. Set it together with connection.username.',
  },
} as const satisfies OptionDefinitions

/** How much goes there at a time, and for how long it is waited for. */
export const connectorDefinitions = {
  'batch.size': {
    type: 'INT',
    default: 2000,
    validator: range(1, 1_000_000),
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Batch size',
    documentation: 'The most records in one bulk request.',
  },
  'bulk.size.bytes': {
    type: 'LONG',
    default: 5_242_880n,
    validator: range(-1, 2_147_483_647),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Bulk size in bytes',
    documentation:
      'A bulk request is sent once it has this many bytes, even if it holds fewer records than batch.size. -1 leaves the size to batch.size alone.',
  },
  'max.in.flight.requests': {
    type: 'INT',
    default: 5,
    validator: range(1, 1000),
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Max in-flight requests',
    documentation:
      'The most bulk requests of one task under way at the same time. Records of one document never overtake each other, whatever the number.',
  },
  'max.buffered.records': {
    type: 'INT',
    default: 20_000,
    validator: range(1, 2_147_483_647),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Max buffered records',
    documentation:
      'The most records of one task in memory. While there are as many, no more are read. At least batch.size times max.in.flight.requests.',
  },
  'linger.ms': {
    type: 'LONG',
    default: 1n,
    validator: range(0, 604_800_000),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Linger (ms)',
    documentation:
      'Accepted for compatibility. The reference waits this long for more records before it sends a bulk request that is not full; here a request is sent at once while few are under way and grows by itself while more are, so waiting would only cost time.',
  },
  'flush.timeout.ms': {
    type: 'LONG',
    default: 180_000n,
    validator: range(1_000, 604_800_000),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Flush timeout (ms)',
    documentation:
      'How long a task waits for what is under way when partitions are taken from it. In the reference also how long it waits for room in memory before it gives up; here it waits as long as it takes.',
  },
  'flush.synchronously': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Flush synchronously',
    documentation:
      'Set it to true where a transformation changes the topic of records, and with it their index. Writing stays asynchronous, and offsets are those of the records as they were read.',
  },
  'max.retries': {
    type: 'INT',
    default: 5,
    validator: range(0, 2_147_483_647),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Max retries',
    documentation:
      'How often a request is tried again before the task fails; 0 never tries again. Left out, requests that fail for a cause that may pass (no answer, too many requests, a blocked index) are tried again without end: the task stays running and reads no more than it can keep.',
  },
  'retry.backoff.ms': {
    type: 'LONG',
    default: 100n,
    validator: range(0, 86_400_000),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Retry backoff (ms)',
    documentation:
      'The base of the wait before a request is tried again. It doubles with each failure, is chosen at random below that, and is never above five seconds.',
  },
  'connection.compression': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Compression',
    documentation: 'Whether requests are compressed with gzip: less traffic for more work on both sides.',
  },
  'max.connection.idle.time.ms': {
    type: 'INT',
    default: 60_000,
    validator: range(-1, 2_147_483_647),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Max connection idle time (ms)',
    documentation: 'How long a connection is kept open without a request.',
  },
  'connection.timeout.ms': {
    type: 'INT',
    default: 1_000,
    validator: range(0, 43_200_000),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Connection timeout (ms)',
    documentation: 'How long to wait for a connection to a node. 0 waits as long as the system does.',
  },
  'read.timeout.ms': {
    type: 'INT',
    default: 3_000,
    validator: range(0, 604_800_000),
    importance: 'LOW',
    width: 'SHORT',
    group: 'Connector',
    displayName: 'Read timeout (ms)',
    documentation:
      'How long to wait for an answer before the request is tried again; left out, a task waits 30 seconds. A bulk request has a second more for each 100 kB. Each further attempt of the same request waits twice as long, up to a minute, so that a server that is only slow gets its time.',
  },
} as const satisfies OptionDefinitions
