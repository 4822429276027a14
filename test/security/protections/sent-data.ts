import type { Protection } from '../protection.ts'

export const sentData: readonly Protection[] = [
  {
    threat: 'names of schemas, tables, columns, keys, publications end a statement',
    without: 'doubled quotes in identifiers',
    changes: [
      {
        file: 'src/postgres/wire/sql-text.ts',
        text: '"${name.replaceAll(\'"\', \'""\')}"',
        instead: '"${name}"',
      },
    ],
  },
  {
    threat: 'names of schemas, tables, columns, keys, publications end a statement',
    without: 'doubled quotes in literals',
    changes: [
      {
        file: 'src/postgres/wire/sql-text.ts',
        text: "`'${text.replaceAll(\"'\", \"''\")}'`",
        instead: "`'${text}'`",
      },
    ],
  },
  {
    threat: 'names of schemas, tables, columns, keys, publications end a statement',
    without: 'care for backslashes in literals',
    changes: [
      { file: 'src/postgres/wire/sql-text.ts', text: "text.includes('\\\\') ?", instead: 'text === null ?' },
    ],
  },
  {
    threat: "a signal's condition runs a statement",
    without: 'transactions that cannot write',
    changes: [
      {
        file: 'src/postgres/snapshot/incremental/chunk-connection.ts',
        text: "#query('BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY')",
        instead: "#query('BEGIN')",
      },
      {
        file: 'src/postgres/snapshot/incremental/chunk-connection.ts',
        text: '`BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ',
        instead: '`BEGIN; ',
      },
    ],
  },
  {
    threat: "a signal's condition runs a statement",
    without: 'a form of requests that takes one statement only',
    changes: [
      {
        file: 'src/postgres/snapshot/incremental/chunk-connection.ts',
        text: 'this.#stream.execute(sql)',
        instead: 'this.#stream.query(sql)',
      },
    ],
  },
  {
    threat: '`__proto__` and the like as keys change objects of the program',
    without: 'maps',
    changes: [
      {
        file: 'src/api/json/json-reader.ts',
        text: 'map.set(name, this.#value())',
        instead:
          "const value = this.#value()\n      if (name === '__proto__') Object.assign(map, { [name]: value })\n      else map.set(name, value)",
      },
    ],
  },
  {
    threat: 'nesting uses up the stack',
    without: 'the bound',
    changes: [
      {
        file: 'src/api/json/json-reader.ts',
        text: '++this.#depth > MOST_DEPTH',
        instead: '++this.#depth < 0',
      },
    ],
  },
  {
    threat: 'bytes that no server sends crash a parser',
    without: 'the error of its own',
    changes: [
      {
        file: 'src/postgres/wire/frame-reader.ts',
        text: 'throw new ProtocolError(',
        instead: 'throw new RangeError(',
      },
    ],
  },
  {
    threat: 'a regular expression takes for ever with a name or a value that someone chose',
    without: 'one of the rounds of a repetition in the bound',
    changes: [
      {
        file: 'src/api/java/java-regex/match-cost.ts',
        text: 'const again = powers(own.ways, rounds)',
        instead: 'const again = powers(own.ways, Math.min(rounds, 1))',
      },
    ],
  },
  {
    threat: 'one in an option of connectors or topics does',
    without: 'the engine that never goes back',
    changes: [
      {
        file: 'src/api/java/java-regex/safe-regex.ts',
        text: 'if (this.#anywhere.admits(text.length)) return',
        instead: 'if (text.length >= 0) return',
      },
    ],
  },
  {
    threat: 'a length that is announced takes memory',
    without: 'growth with what was sent',
    changes: [
      {
        file: 'src/postgres/wire/frame-reader.ts',
        text: 'Math.min(total, Math.max(needed, 2 * this.#carry.length))',
        instead: 'total',
      },
    ],
  },
  {
    threat: 'an answer of Elasticsearch has no end, or no end of what it is unpacked to',
    without: 'a bound as it comes',
    changes: [
      {
        file: 'src/elasticsearch/client/client.ts',
        text: 'if (length > mostBytes) throw tooLarge(mostBytes)',
        instead: '',
      },
    ],
  },
  {
    threat: 'an answer of Elasticsearch has no end, or no end of what it is unpacked to',
    without: 'a bound of what is unpacked',
    changes: [
      { file: 'src/elasticsearch/client/client.ts', text: '{ maxOutputLength: mostBytes }', instead: '{}' },
    ],
  },
  {
    threat: 'an answer of Elasticsearch is cut, and stepping through it never ends',
    without: 'looking whether it is whole',
    changes: [
      {
        file: 'src/elasticsearch/client/cut-short.ts',
        text: 'if (scanJsonObject(bytes, 0, bytes.length) !== SCAN.refused) return null',
        instead: 'if (scanJsonObject(bytes, 0, bytes.length) >= 0) return null',
      },
    ],
  },
  {
    threat: "an answer in the place of Elasticsearch's is JSON of another form",
    without: 'a page without its fields being an error',
    changes: [
      {
        file: 'src/elasticsearch/client/index-scroll.ts',
        text: 'throw notElasticsearch(what)',
        instead: "return { bytes, scroll: '', hits: [] }",
      },
    ],
  },
  {
    threat: 'an answer is lost, and with it a page of a search that goes on behind it',
    without: 'a page being asked for once',
    changes: [
      {
        file: 'src/elasticsearch/client/patient-requests.ts',
        text: 'return this.#attempt({ ...request, isOnce: true }, lacking)',
        instead: "return this.send('go on', request, lacking)",
      },
    ],
  },
  {
    threat: 'it is lost with a connection that was kept, where requests are sent again',
    without: 'an exception for such a page',
    changes: [{ file: 'src/elasticsearch/client/client.ts', text: '!options.isOnce && ', instead: '' }],
  },
  {
    threat:
      'an answer that is none makes a document one that is not there, and a row loses the values it did not send',
    without: 'a document saying that it was found',
    changes: [
      {
        file: 'src/elasticsearch/mirror/stored-documents.ts',
        text: "if (fields.get('found') !== 'true') throw notElasticsearch(what)",
        instead: '',
      },
    ],
  },
  {
    threat: 'an answer of a schema registry has no end',
    without: 'a bound that is bearable',
    changes: [
      {
        file: 'src/converters/registry/registry-client.ts',
        text: 'const MOST_BYTES = 64 * 1024 * 1024',
        instead: 'const MOST_BYTES = 400 * 1024 * 1024',
      },
    ],
  },
  {
    threat: 'a batch of Kafka with a right checksum holds other bytes than records',
    without: 'the number of records being compared with the bytes',
    changes: [
      {
        file: 'src/log/kafka/consumer/batch-conversion.ts',
        text: 'this.#recordCount * LEAST_RECORD_BYTES > records.length',
        instead: 'false',
      },
    ],
  },
  {
    threat: 'a batch of Kafka with a right checksum holds other bytes than records',
    without: 'lengths being compared with the record',
    changes: [
      {
        file: 'src/log/kafka/consumer/batch-conversion.ts',
        text: '!(keyLength >= -1 && valueLength >= -1 && headersStart < recordEnd)',
        instead: 'false',
      },
    ],
  },
  {
    threat: 'a batch of Kafka with a right checksum holds other bytes than records',
    without: 'offsets being compared with each other',
    changes: [
      {
        file: 'src/log/kafka/consumer/batch-conversion.ts',
        text: '!(offsetDelta > this.#lastOffsetDelta && offsetDelta <= lastOffsetDelta)',
        instead: 'false',
      },
    ],
  },
  {
    threat: 'a batch of Kafka, small as it is, unpacks to gigabytes',
    without: 'the bound',
    changes: [
      {
        file: 'src/log/kafka/consumer/unpack-records.ts',
        text: '{ maxOutputLength: mostBytes }',
        instead: '{}',
      },
    ],
  },
  {
    threat: 'a name or a message forges lines of the log',
    without: 'JSON',
    changes: [
      {
        file: 'src/cli/logger.ts',
        text: 'pino.destination({ dest: file ?? 2, sync: true, mkdir: true, mode: 0o600 }),',
        instead: `{
      write: (line: string): void =>
        process.getBuiltinModule('node:fs').appendFileSync(file ?? '/dev/stderr', line.replaceAll('\\\\n', '\\n'), { mode: 0o600 }),
    },`,
      },
    ],
  },
  {
    threat: 'two keys become one document',
    without: 'escaping',
    changes: [
      {
        file: 'src/elasticsearch/mirror/key-id.ts',
        text: "plainText(part).replace(/[\\\\|]/g, '\\\\$&')",
        instead: 'plainText(part)',
      },
    ],
  },
  {
    threat: 'two keys become one document',
    without: 'escaping of what escapes',
    changes: [
      {
        file: 'src/elasticsearch/mirror/key-id.ts',
        text: "replace(/[\\\\|]/g, '\\\\$&')",
        instead: "replace(/[|]/g, '\\\\$&')",
      },
    ],
  },
  {
    threat: 'a byte of a segment changes on disk',
    without: 'checksums',
    changes: [
      {
        file: 'src/log/embedded/segment-reader.ts',
        text: 'crc32(batch.subarray(BATCH_FIELD.attributes)) === batch.readUInt32LE(BATCH_FIELD.crc)',
        instead: 'batch.length > 0',
      },
    ],
  },
]
