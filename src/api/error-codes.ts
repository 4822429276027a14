/**
 * Every error code, with what it means and what its reader can do. `docs/errors.md` lists the same codes, and a test
 * holds the two together. A code is `room.what-is-wrong`; it never changes its meaning.
 */
export const errorCodes = {
  'connect.field-unknown':
    'A transformation or converter asked a record for a field that its schema does not have.',
  'connect.config-invalid': 'A connector or worker configuration has errors; the message lists them all.',
  'connect.data-invalid': 'A record cannot be converted or transformed.',
  'embedded.postgres-missing':
    'The embedded PostgreSQL is not installed or does not exist for this platform; use a server of your own.',
  'embedded.postgres-failed':
    'The embedded PostgreSQL did not start or stop; the message has its last words.',
  'embedded.no-unprivileged-user': 'Started as root on a system without an account that servers can run as.',
  'connect.config-provider-failed':
    'A config provider cannot supply a value: a file is missing or not allowed. Nothing of its values is shown.',
  'connect.host-not-allowed':
    "A connector is to connect to a host that the worker's connector.allowed.hosts does not have.",
  'connect.pattern-invalid':
    'A regular expression in the configuration is wrong, says what only Java understands, or could take for ever.',
  'connect.plugin-unknown': 'No plugin of that class name, simple name or alias is installed.',
  'connect.plugin-broken':
    'A module that the worker property plugins names is missing, throws, or exports no plugins; the worker runs without it.',
  'plugin.unavailable':
    'What a plugin of the user talks to cannot be reached now; the task is started again. The message is its own.',
  'plugin.failed': 'A plugin of the user cannot go on; the message is its own.',
  'connect.connector-unknown': 'There is no connector of that name.',
  'connect.connector-exists': 'A connector of that name is there already.',
  'connect.task-unknown': 'The connector has no task of that number.',
  'connect.name-mismatch': 'The name in the configuration differs from the one in the address.',
  'connect.not-stopped': 'Offsets can be changed only while the connector is stopped.',
  'connect.offsets-invalid': 'The given offsets do not have the shape that the connector type needs.',
  'connect.tracking-disabled': 'The worker does not keep track of topics, or does not allow to forget them.',
  'connect.too-many-tasks': 'A connector made more task configurations than tasks.max allows.',
  'connect.tolerance-exceeded':
    'A record could not be converted or transformed and errors.tolerance is none; the cause says why.',
  'connect.sink-task-failed': 'A sink task could not deliver records; the cause says why.',
  'connect.task-timeout': 'A task did not start or stop in time.',
  'connect.thread-crashed': 'The thread that ran a task ended; its tasks are started again on a new one.',
  'connect.shared-record-invalid':
    'A record of the config or status topic is not one of a worker. The log names it; workers skip it.',
  'connect.group-rebalancing':
    'The workers of the group are just sharing their work out, or none leads. Ask again in a moment.',
  'connect.request-elsewhere':
    'Another worker of the group has to answer; it was asked in turn, if there is one.',
  'connect.request-unsigned':
    'A request that only workers of the group may make is not signed, or in a way that this worker does not accept.',
  'connect.signature-invalid': 'A request between workers is signed with another key than that of the group.',
  'connect.session-key-missing':
    'The worker does not know the key yet with which requests between workers are signed.',
  'connect.fencing-failed':
    'Tasks of before could not be fenced off, so those with exactly-once support do not start yet.',
  'connect.verify-unsupported':
    'Table and index cannot be compared: the options of a connector make documents that are not rows, or leave out rows.',
  'connect.verify-behind':
    'Table and index cannot be compared now: the source or the sink does not catch up, or a transaction stays open.',
  'connect.verify-running': 'A verification of the sink is under way already.',
  'connect.verify-unknown': 'The sink was not verified since this worker started.',
  'connect.backup-unknown': 'No backup was made since this worker started.',
  'connect.explore-unsupported': 'The connector has no tables to choose from, or no documents to search.',
  'connect.dead-letter-unknown': 'The topic has no dead letter at that place; retention may have removed it.',
  'connect.reindex-unsupported':
    'A new index cannot be made in this way: of what the connector writes, or because the topics no longer have everything.',
  'connect.reindex-behind':
    'A reindexing cannot go on: retention was faster, or the sink does not stop. The old index serves on.',
  'connect.reindex-fewer': 'The new index has fewer documents than the old one, which serves on.',
  'connect.reindex-running': 'A reindexing of the sink is under way or half done.',
  'connect.reindex-unknown': 'The sink was not reindexed since this worker started.',
  'connect.topic-vanished':
    'A topic that a source had written to was deleted: what nobody had read of it is lost. The message has the ways to go on.',
  'postgres.connection-lost':
    'PostgreSQL cannot be reached, ended the connection, or cannot serve it now; the task goes on after a restart.',
  'postgres.protocol': 'What answers is not PostgreSQL, or sent something that its protocol does not allow.',
  'postgres.authentication': 'The login was refused: user, password or pg_hba.conf.',
  'postgres.database-unknown': 'The server has no database of that name.',
  'postgres.permission-denied': "A privilege is missing; the message has the server's words.",
  'postgres.query-failed': 'The server refused a statement; the message has its words and the SQLSTATE.',
  'postgres.tls-unavailable': 'The server does not offer TLS, which database.sslmode asks for.',
  'postgres.tls-certificate':
    "The server's certificate is not accepted: not of a known authority, expired, or of another host.",
  'postgres.tls-file': 'A certificate or key file of the configuration cannot be read.',
  'postgres.wal-level':
    'The server does not write what logical decoding needs; set wal_level = logical and restart it.',
  'postgres.version-unsupported': 'The server is older than PostgreSQL 13.',
  'postgres.wal-guard':
    'The replication slot made the server keep more WAL than wal.guard.max.bytes allows, and was dropped.',
  'postgres.slot-in-use':
    'Another connection streams from the replication slot; stop it or choose another slot.name.',
  'postgres.slot-unusable': 'The replication slot cannot be created, or is of another kind or database.',
  'postgres.decoding-failed':
    'The server met an internal error while it decoded its WAL. It is tried again; where it stays, a new slot and snapshot help.',
  'postgres.publication-altered':
    'Tables or operations were taken out of the publication while it was streamed: their changes are missing since.',
  'postgres.publication-unusable':
    'The publication is missing, or not of the kind that the configuration needs.',
  'postgres.position-lost':
    'The server no longer has the changes after the stored offset: the slot is gone, was moved, or lost its WAL.',
  'postgres.offset-invalid': 'The stored source offset is not one of a PostgreSQL connector.',
  'filestream.unreadable': 'The file of a FileStreamSourceConnector cannot be read.',
  'filestream.unwritable': 'The file of a FileStreamSinkConnector cannot be written.',
  'filestream.line-too-long':
    'A line of a FileStreamSourceConnector does not end; the file is none of lines.',
  'cli.worker-unreachable': 'No worker answers at the address of --url or TAILRACE_URL.',
  'cli.request-refused': 'The worker refused what a command asked of it; the message is its own.',
  'cli.address-invalid':
    'An address given on the command line is no URL of its kind; the message shows its form.',
  'cli.file-unreadable': 'A file given on the command line cannot be read or has the wrong content.',
  'cli.plugin-name-invalid': 'The directory of a new plugin exists, or its name cannot be that of a package.',
  'cli.login-invalid':
    'The flags for logging in at a worker contradict each other, or the password is missing.',
  'cli.doctor-idle': 'tailrace doctor was given nothing to look at.',
  'cli.mirror-refused':
    'tailrace mirror cannot make a mirror of what it was given; the message says what to change.',
  'cli.mirror-incomplete': 'A mirror did not come to where the command waited for it; the message says why.',
  'cli.demo-running': 'Another demo runs in the same directory.',
  'cli.directory-unwritable': 'The demo cannot keep its data in the directory where it was started.',
  'cli.demo-failed': 'The demo did not come to its end; the message says what was waited for.',
  'cli.postgres-unreachable': 'A command cannot connect to the PostgreSQL server that it was given.',
  'cli.search-unreachable': 'The demo gets no answer from the search server.',
  'cli.search-refused': 'The search server refused a query of the demo.',
  'log.topic-unknown': 'The topic, or the partition of it, does not exist: it was deleted or never created.',
  'log.topic-invalid':
    'A topic cannot be created so: its name, its partitions or one of its settings is wrong.',
  'log.policy-unsupported':
    'The embedded log does not have this cleanup.policy. Leave it out, or use "delete".',
  'log.batch-invalid': 'The bytes given to the log are not a record batch; nothing was appended.',
  'log.corrupt':
    'Committed bytes of a segment file are damaged or missing; they are never served. The message names the file.',
  'log.disk-full':
    'The disk of the data directory is full. Nothing of the write was kept; make room and it goes on.',
  'log.write-failed':
    'The data directory cannot be written to. Nothing of the write was kept; the message has the reason.',
  'log.read-failed': 'A segment file could not be read; the message has the reason.',
  'log.open-failed': 'The data directory cannot be opened; the message has the reason.',
  'log.backup-refused': 'A backup cannot be made into the directory; the message says why.',
  'log.backup-failed': 'A backup could not be finished; the message has the reason. Nothing of it is left.',
  'log.format-unsupported': 'A newer version has written the data directory. Use that version.',
  'log.locked': 'Another process has the data directory open. Stop it, or choose another directory.',
  'log.owner-failed':
    'The thread that owns the embedded log died. Restart the worker; what was acknowledged is safe.',
  'log.closed': 'The log was closed; nothing can be asked of it any more.',
  'log.kafka-unreachable':
    'No broker of the Kafka cluster answers, or not in time; what can be tried again is.',
  'log.kafka-refused':
    'The Kafka cluster refused a request: credentials, authorization, or a setting of the cluster. The message has its words.',
  'log.record-too-large':
    "A record is larger than its Kafka topic takes; raise the topic's max.message.bytes.",
  'log.producer-fenced':
    'Another task of the same transactional id has begun: this one is a leftover, and writes nothing more.',
  'log.group-active': 'A consumer group cannot be changed while it has members; stop the connector first.',
  'log.group-offset-missing':
    'A consumer group has no offset for a partition, and auto.offset.reset=none forbids to choose one.',
  'log.state-topic-invalid':
    'A Kafka topic that is to keep state is not compacted, and would lose it. Choose another name, or set cleanup.policy=compact.',
  'rest.request-unsupported':
    'No endpoint takes the path, method, content type or Accept header of the request.',
  'rest.request-invalid': 'A part of the request contradicts another, or a parameter has no valid value.',
  'rest.body-invalid': 'The request body is not JSON, or not of the shape that the endpoint expects.',
  'rest.body-too-large': 'The request body is larger than a configuration can sensibly be.',
  'rest.unauthorized':
    'The REST API asks for a user and password, or a token, and the request has no right one.',
  'rest.unprotected':
    'The REST API would be on the network for everyone. Give it users or a token, or allow that on purpose.',
  'rest.request-timeout':
    'An operation took longer than clients wait; it may still complete. Look at the status.',
  'rest.task-unknown': 'There is no task of that number, or no connector of that name.',
  'rest.topic-unknown': 'There is no topic or no partition of that name.',
  'rest.record-invalid': 'A record to append is not of the form that records are answered in.',
  'rest.topic-in-use':
    'The topic belongs to a connector that is not stopped; stop or delete the connector first.',
  'rest.too-many-streams':
    'More clients follow events than the worker serves at once; close a console somewhere.',
  'rest.file-missing':
    'The console or the documentation has no file of that name, or was not built in this checkout: npm run build:console and npm run build:docs make them.',
  'rest.cross-site':
    'A page of another site asked the worker to do something; access.control.allow.origin says which may.',
  'rest.logger-unknown': 'There is no logger or no log level of that name.',
  'rest.port-in-use': 'Something listens on the port of the REST API; stop it or choose another port.',
  'rest.listen-failed': 'The address of the REST API cannot be listened on; the message has the reason.',
  'postgres.tables-too-many':
    'More tables are captured than guardrail.collections.max allows. Narrow the filters, or raise it.',
  'postgres.value-unrepresentable':
    'A column holds a value that its Connect type cannot hold, and null may not stand for it. The message names the column and the way out.',
  'postgres.value-malformed': 'PostgreSQL sent text that is not a value of its type.',
  'registry.unreachable':
    'No schema registry answers at the addresses of schema.registry.url, or not in time. The task tries again.',
  'registry.refused':
    'The schema registry refused a request: its credentials, its address, or a setting. The message has its words.',
  'registry.schema-incompatible':
    'The schema registry does not take a schema under its subject; the message has the reason. Change the schema, or the compatibility level of the subject.',
  'registry.schema-unknown': 'The schema registry does not know a schema, a subject or an id.',
  'registry.schema-unsupported': 'A schema says something that its format or its converter cannot express.',
  'elasticsearch.search-refused': 'Elasticsearch does not understand the search; the message has its reason.',
  'elasticsearch.unreachable':
    'Elasticsearch gives no answer: it is down, the address is wrong, or a time limit is too short. The task tries again.',
  'elasticsearch.request-refused':
    'Elasticsearch refused a whole request; the message has its words. Often credentials or privileges.',
  'elasticsearch.retries-exhausted':
    'A request failed more often than max.retries allows; the cause says why.',
  'elasticsearch.indexing-failed':
    'Elasticsearch refused a document; the cause has its id, its record and the reason.',
  'elasticsearch.record-invalid':
    'A record cannot be made into a document: its key, its value or its version.',
  'elasticsearch.index-unusable': 'An index cannot be found, created or mapped; the message has the reason.',
  'elasticsearch.topic-changed':
    'A transformation changed the topic of a record; set flush.synchronously=true to allow it.',
  'elasticsearch.option-unsupported': 'An option of the reference that this version does not have yet.',
  'elasticsearch.stopped': 'The task was stopped while it wrote; the records are read again.',
} as const

export type ErrorCode = keyof typeof errorCodes
