import type { Protection } from '../protection.ts'

export const requests: readonly Protection[] = [
  {
    threat: 'a large body takes memory',
    without: 'a look at what is announced',
    changes: [
      {
        file: 'src/rest/request-body.ts',
        text: "if (Number(message.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()",
        instead: '',
      },
    ],
  },
  {
    threat: 'a large body takes memory',
    without: 'a count of what comes',
    changes: [
      {
        file: 'src/rest/request-body.ts',
        text: 'if (length > MAX_BODY_BYTES) throw tooLarge()',
        instead: '',
      },
    ],
  },
  {
    threat: 'a small body is unpacked to a large one',
    without: 'the refusal of packed bodies',
    changes: [
      {
        file: 'src/rest/media-type.ts',
        text: "['', 'identity'].includes(",
        instead: "['', 'identity', 'gzip'].includes(",
      },
    ],
  },
  {
    threat: 'names in a body change objects of the program',
    without: 'configurations without a way to their prototype',
    changes: [
      {
        file: 'src/rest/json-body.ts',
        text: 'return value as JsonObject',
        instead: 'return Object.assign(Object.create(Object.prototype) as object, value) as JsonObject',
      },
    ],
  },
  {
    threat: 'a path begins a header of the answer',
    without: 'encoding',
    changes: [
      {
        file: 'src/rest/endpoints/page-endpoints.ts',
        text: '../${encodeURIComponent(file)}',
        instead: '../${file}',
      },
    ],
  },
  {
    threat: 'bytes that are no HTTP',
    without: 'an answer of its own',
    changes: [
      {
        file: 'src/rest/listener/http-listener.ts',
        text: "this.#server.on('clientError', refuseMalformed)",
        instead: '',
      },
    ],
  },
  {
    threat: "errors tell of the program's inside",
    without: 'messages in place of stacks',
    changes: [
      {
        file: 'src/rest/http-error.ts',
        text: 'error instanceof ConnectError ? error.message : describeError(error)',
        instead: 'error instanceof ConnectError ? error.message : String((error as Error).stack)',
      },
    ],
  },
  {
    threat: 'a connector is made to reach hosts that are none of its business',
    without: 'the question',
    changes: [
      {
        file: 'src/api/allowed-hosts.ts',
        text: "if (isIP(name) > 0 ? allowed.admitsAddress(name) : allowed.looksAtAddresses && !name.startsWith('/')) return",
        instead: 'if (isIP(name) >= 0) return',
      },
    ],
  },
  {
    threat: 'a connector is made to reach hosts that are none of its business',
    without: 'ranges',
    changes: [
      {
        file: 'src/api/allowed-hosts.ts',
        text: "return family !== 0 && this.#addresses.check(address, family === 6 ? 'ipv6' : 'ipv4')",
        instead: 'return family !== 0',
      },
    ],
  },
  {
    threat: 'a connector is made to reach hosts that are none of its business',
    without: 'the dot before the domain',
    changes: [
      { file: 'src/api/allowed-hosts.ts', text: 'push(entry.slice(1))', instead: 'push(entry.slice(2))' },
    ],
  },
  {
    threat: 'a name leads elsewhere once it was looked at',
    without: 'a choice among its addresses',
    changes: [
      {
        file: 'src/api/allowed-hosts.ts',
        text: 'addresses.filter(({ address }) => hosts.admitsAddress(address))',
        instead: 'addresses',
      },
    ],
  },
  {
    threat: 'a connection to PostgreSQL is made without asking, or the question whether it has TLS',
    without: "the socket's question",
    changes: [
      {
        file: 'src/postgres/wire/guarded-socket.ts',
        text: "requireAllowedHost('path' in options ? options.path : (options.host ?? 'localhost'))",
        instead: '',
      },
    ],
  },
  {
    threat: 'a connection to PostgreSQL is made without asking, or the question whether it has TLS',
    without: 'its care for addresses',
    changes: [
      {
        file: 'src/postgres/wire/guarded-socket.ts',
        text: '{ ...options, lookup: guardedLookup }',
        instead: 'options',
      },
    ],
  },
  {
    threat: 'a connection to PostgreSQL is made without asking, or the question whether it has TLS',
    without: 'the question before TLS is asked for',
    changes: [{ file: 'src/postgres/wire/connection.ts', text: 'requireAllowedHost(host)\n', instead: '\n' }],
  },
  {
    threat: 'a connection to PostgreSQL is made without asking, or the question whether it has TLS',
    without: 'the care for addresses where TLS is asked for',
    changes: [
      { file: 'src/postgres/wire/tls.ts', text: ', signal, lookup: guardedLookup }', instead: ', signal }' },
    ],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the list in the thread of the API',
    changes: [{ file: 'src/cli/compose.ts', text: 'allowHosts(allowedHosts)\n', instead: '\n' }],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the list in the threads of tasks',
    changes: [{ file: 'src/cli/task-thread.ts', text: 'allowHosts(allowedHosts)', instead: '' }],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the question when a source is validated',
    changes: [
      { file: 'src/postgres/options/connection-test.ts', text: 'requireAllowedHost(host)\n', instead: '\n' },
    ],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the question for Elasticsearch',
    changes: [
      {
        file: 'src/elasticsearch/client/client.ts',
        text: 'for (const { host } of options.nodes) requireAllowedHost(host)',
        instead: '',
      },
    ],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the care for addresses of Elasticsearch',
    changes: [{ file: 'src/elasticsearch/client/client.ts', text: 'lookup: guardedLookup,', instead: '' }],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the question for proxies',
    changes: [
      {
        file: 'src/elasticsearch/client/client.ts',
        text: 'if (options.proxy !== null) requireListedHost(URL.parse(options.proxy)?.hostname)',
        instead: '',
      },
    ],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the question for schema registries',
    changes: [
      {
        file: 'src/converters/registry/registry-client.ts',
        text: 'requireAllowedHost(url.hostname)\n',
        instead: '\n',
      },
    ],
  },
  {
    threat: 'one of the ways to connect does not ask',
    without: 'the care for addresses of schema registries',
    changes: [
      { file: 'src/converters/registry/registry-client.ts', text: 'lookup: guardedLookup,', instead: '' },
    ],
  },
  {
    threat: 'many streams of events',
    without: 'the bound',
    changes: [
      {
        file: 'src/rest/events/event-stream.ts',
        text: 'this.#open.size >= MOST_STREAMS',
        instead: 'this.#open.size < 0',
      },
    ],
  },
  {
    threat: 'one request asks for all records',
    without: 'a bound of records',
    changes: [
      {
        file: 'src/rest/endpoints/topic-endpoints.ts',
        text: 'const MAX_RECORDS = 1000',
        instead: 'const MAX_RECORDS = 1e9',
      },
    ],
  },
  {
    threat: 'one request asks for all records',
    without: 'a bound of bytes',
    changes: [
      {
        file: 'src/rest/topic-records.ts',
        text: 'const MAX_ANSWER_BYTES = 4 * 1024 * 1024',
        instead: 'const MAX_ANSWER_BYTES = Infinity',
      },
    ],
  },
  {
    threat: 'clients of Kafka are told to load other classes, or talk to others',
    without: 'policies',
    changes: [
      {
        file: 'src/connect/config/override-policy.ts',
        text: 'if (name === undefined || mayOverride(name)) return []',
        instead: 'if (name === undefined || !mayOverride(name)) return []',
      },
    ],
  },
]
