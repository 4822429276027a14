import type { SchemaName } from './schemas.ts'

/** What the API's description says of an endpoint beyond its method and path. */
export interface EndpointDescription {
  readonly summary: string
  /** The status of success; 200 unless said. */
  readonly status?: number
  readonly body?: SchemaName
  /** Absent: no body. */
  readonly answer?: SchemaName
  /** Query parameters with their meaning. */
  readonly query?: Readonly<Record<string, string>>
}

/** By `METHOD /path`. A test holds it to the endpoints that there are. */
export const endpointDescriptions: Readonly<Record<string, EndpointDescription>> = {
  'GET /': { summary: 'Versions of the worker and the id of its cluster', answer: 'ServerInfo' },
  'GET /health': { summary: 'Whether the worker is well', answer: 'Health' },
  'GET /health/live': { summary: 'Whether the process answers', answer: 'Health' },
  'GET /health/ready': {
    summary: 'Whether the worker can work: 503 while its log does not answer',
    answer: 'Health',
  },
  'GET /health/connectors': {
    summary: 'Connectors that failed, restart again and again, or do not move: 503 where there are some',
    answer: 'ConnectorHealth',
  },
  'GET /metrics': { summary: 'Counters and states in the text form of Prometheus', answer: 'Page' },
  'GET /openapi.json': { summary: 'This description', answer: 'Anything' },
  'GET /openapi': { summary: 'This description as a page to read', answer: 'Page' },
  'GET /connector-plugins': {
    summary: 'The plugins of this worker',
    answer: 'Plugins',
    query: { connectorsOnly: 'false: converters, transformations and predicates too' },
  },
  'GET /connector-plugins/:plugin/config': {
    summary: 'The options of a plugin, by class, simple name or alias',
    answer: 'Options',
    query: { version: 'the version that it must have, or a range such as [1.0,2.0); latest unless said' },
  },
  'PUT /connector-plugins/:plugin/config/validate': {
    summary: 'Checks a configuration, with a look at the server behind the connector',
    body: 'ConnectorConfig',
    answer: 'Validation',
  },
  'GET /connectors': {
    summary: 'Names of all connectors; with expand an object by name',
    answer: 'Connectors',
    query: { expand: 'info, status; may be given twice' },
  },
  'POST /connectors': {
    summary: 'Creates a connector',
    status: 201,
    body: 'NewConnector',
    answer: 'Connector',
  },
  'GET /connectors/:connector': { summary: 'A connector', answer: 'Connector' },
  'DELETE /connectors/:connector': { summary: 'Deletes a connector; topics and offsets stay', status: 204 },
  'GET /connectors/:connector/config': { summary: 'The configuration of a connector', answer: 'Config' },
  'PUT /connectors/:connector/config': {
    summary: 'Creates a connector (201) or replaces its configuration (200)',
    body: 'Config',
    answer: 'Connector',
  },
  'PATCH /connectors/:connector/config': {
    summary: 'Changes a configuration; null takes a property away',
    body: 'Config',
    answer: 'Connector',
  },
  'GET /connectors/:connector/status': {
    summary: 'States of a connector and its tasks',
    answer: 'ConnectorStatus',
  },
  'PUT /connectors/:connector/pause': { summary: 'Pauses a connector', status: 202 },
  'PUT /connectors/:connector/resume': { summary: 'Resumes a paused or stopped connector', status: 202 },
  'PUT /connectors/:connector/stop': { summary: 'Stops a connector and ends its tasks', status: 204 },
  'POST /connectors/:connector/restart': {
    summary: 'Restarts a connector; with a parameter 202 and the status',
    status: 204,
    query: { includeTasks: 'true: its tasks too', onlyFailed: 'true: only what has failed' },
  },
  'GET /connectors/:connector/tasks': { summary: 'Tasks with their configurations', answer: 'Tasks' },
  'POST /connectors/:connector/tasks': {
    summary: 'Of workers of a group to each other, signed: what the tasks of a connector are',
    status: 204,
  },
  'PUT /connectors/:connector/fence': {
    summary: 'Of workers of a group to each other, signed: keeps earlier tasks of a connector from writing',
    status: 204,
  },
  'GET /connectors/:connector/tasks/#task/status': { summary: 'The state of a task', answer: 'TaskStatus' },
  'POST /connectors/:connector/tasks/#task/restart': { summary: 'Restarts a task', status: 204 },
  'GET /connectors/:connector/offsets': { summary: 'How far a connector is', answer: 'Offsets' },
  'PATCH /connectors/:connector/offsets': {
    summary: 'Sets offsets of a stopped connector; a null offset forgets',
    body: 'Offsets',
    answer: 'Message',
  },
  'DELETE /connectors/:connector/offsets': {
    summary: 'Forgets the offsets of a stopped connector',
    answer: 'Message',
  },
  'GET /connectors/:connector/topics': {
    summary: 'The topics that a connector has used',
    answer: 'ActiveTopics',
  },
  'PUT /connectors/:connector/topics/reset': { summary: 'Forgets which topics it has used', status: 202 },
  'POST /connectors/:connector/verification': {
    summary: 'Begins to compare the documents of a sink with the rows of its tables',
    status: 202,
    answer: 'Verification',
    query: { repair: 'true: what differs is written anew or deleted' },
  },
  'GET /connectors/:connector/verification': {
    summary: 'How far the verification of a sink is, or what the last one found',
    answer: 'Verification',
  },
  'DELETE /connectors/:connector/verification': {
    summary: 'Ends the verification of a sink, and forgets what it found',
    status: 204,
  },
  'POST /connectors/:connector/reindexing': {
    summary: 'Begins to make the indices of a sink anew, or goes on with what was interrupted',
    status: 202,
    answer: 'Reindexing',
    query: {
      from: 'log or snapshot: where the contents come from',
      delete_old: 'true: the old indices are deleted with the swap',
      accept_fewer: 'true: a new index may have fewer documents than the old one',
    },
  },
  'GET /connectors/:connector/reindexing': {
    summary: 'How far the reindexing of a sink is, or what came of the last one',
    answer: 'Reindexing',
  },
  'DELETE /connectors/:connector/reindexing': {
    summary: 'Ends the reindexing of a sink, and deletes the new indices',
    status: 204,
  },
  'GET /topics': { summary: 'Names of all topics', answer: 'Names' },
  'GET /topics/:topic': { summary: 'Partitions and offsets of a topic', answer: 'Topic' },
  'PUT /topics/:topic': {
    summary: 'Creates a topic (201), unless there is one (200)',
    body: 'NewTopic',
    answer: 'Topic',
  },
  'DELETE /topics/:topic': { summary: 'Deletes a topic that no running connector uses', status: 204 },
  'POST /topics/:topic/records': {
    summary: 'Appends records',
    status: 204,
    body: 'NewRecords',
  },
  'GET /topics/:topic/records': {
    summary: 'Records of a partition',
    answer: 'Records',
    query: {
      partition: '0 unless said',
      offset: 'the first to read',
      limit: 'at most 1000; 100 unless said',
    },
  },
  'GET /events': {
    summary: 'What happens in the worker, as server-sent events: worker, connectors, sample',
    answer: 'Event',
  },
  'GET /topics/:topic/events': {
    summary: 'Records of a topic as they come, as server-sent events: begin, records',
    answer: 'Event',
  },
  'GET /topics/:topic/offset': {
    summary: 'The first offset of a partition whose record was written at or after a moment',
    answer: 'OffsetAt',
    query: { partition: '0 unless said', timestamp: 'milliseconds since 1970' },
  },
  'GET /topics/:topic/matches': {
    summary: 'Records of a partition with a key, as far as a few seconds of reading get',
    answer: 'Matches',
    query: { partition: '0 unless said', key: 'the whole key', offset: 'the first to look at' },
  },
  'GET /dead-letters': { summary: 'Dead letter topics of the connectors', answer: 'DeadLetterTopics' },
  'GET /dead-letters/:topic': {
    summary: 'Dead letters of a partition, the newest first',
    answer: 'DeadLetters',
    query: {
      partition: '0 unless said',
      before: 'the offset that they end below',
      limit: 'at most 500; 50 unless said',
    },
  },
  'POST /dead-letters/:topic/retry': {
    summary: 'Writes records again to the topics that they came from',
    body: 'DeadLetterPlaces',
    answer: 'RetryOutcomes',
  },
  'POST /dead-letters/:topic/discard': {
    summary: 'Marks dead letters as dealt with',
    status: 204,
    body: 'DeadLetterPlaces',
  },
  'PUT /connector-plugins/preflight': {
    summary: 'What connectors need of their servers, and what mends it; nothing is created',
    body: 'NewConnectors',
    answer: 'Preflight',
  },
  'PUT /connector-plugins/:plugin/tables': {
    summary: 'The tables that a source with this configuration could capture',
    body: 'ConnectorConfig',
    answer: 'Tables',
  },
  'GET /connectors/:connector/indices': {
    summary: 'The indices that the records of the topics of a sink go to',
    answer: 'Indices',
  },
  'GET /connectors/:connector/documents': {
    summary: 'Searches the documents of a sink',
    answer: 'Documents',
    query: {
      index: 'one of the indices',
      query: "in Lucene's query language; all documents unless said",
      from: '0 unless said',
      size: 'at most 100; 20 unless said',
    },
  },
  'GET /console': { summary: 'The console, a web page', answer: 'Page' },
  'GET /console/assets/:file': { summary: 'What the console is made of', answer: 'Page' },
  'GET /docs': { summary: 'The documentation, web pages', answer: 'Page' },
  'GET /docs/:file': { summary: 'A page of the documentation, or what it is made of', answer: 'Page' },
  'GET /docs/:folder/:file': { summary: 'A page of the documentation in a folder', answer: 'Page' },
  'POST /admin/backup': {
    summary: 'Begins to copy the data directory of the worker',
    status: 202,
    body: 'BackupRequest',
    answer: 'Backup',
  },
  'GET /admin/backup': { summary: 'How far a backup is, or what came of the last one', answer: 'Backup' },
  'DELETE /admin/backup': { summary: 'Ends a backup, and removes what it has copied', status: 204 },
  'GET /admin/loggers': { summary: 'Loggers and their levels', answer: 'Loggers' },
  'GET /admin/loggers/:logger': { summary: 'The level of a logger', answer: 'LoggerLevel' },
  'PUT /admin/loggers/:logger': {
    summary: 'Sets the level of a logger and of those below it',
    body: 'NewLevel',
    answer: 'Names',
    query: { scope: 'worker, or cluster: 204 without a body' },
  },
}
