import { validators, type OptionDefinitions, type OptionValidator } from '../../api/config-def.ts'
import { converterType } from '../converter-options.ts'

const STRATEGIES = 'io.confluent.kafka.serializers.subject'

export const SUBJECT_NAME_STRATEGIES = {
  topic: `${STRATEGIES}.TopicNameStrategy`,
  record: `${STRATEGIES}.RecordNameStrategy`,
  topicRecord: `${STRATEGIES}.TopicRecordNameStrategy`,
} as const

const BASIC_AUTH_SOURCES = ['URL', 'USER_INFO', 'SASL_INHERIT'] as const
const SERIALIZERS = 'io.confluent.kafka.serializers.schema.id'

/** What the reference has and this converter does not do is refused, so that nobody believes that it is done. */
export function only(value: string, reason: string): OptionValidator {
  return (given) => (String(given) === value ? null : reason)
}

/** The options of all converters that keep their schemas in a registry. */
export const registryOptions = {
  'converter.type': converterType,
  'schema.registry.url': {
    type: 'LIST',
    validator: (value) =>
      (value as readonly string[]).length === 0
        ? 'At least one URL is needed'
        : ((value as readonly string[]).map(urlProblem).find((problem) => problem !== null) ?? null),
    importance: 'HIGH',
    documentation:
      'Addresses of the schema registry, separated by commas. Where one does not answer, the next is asked.',
  },
  'auto.register.schemas': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    documentation:
      'Whether a schema that is new is registered. With `false` it has to be in the registry already, or use.latest.version or use.schema.id say which one to write with.',
  },
  'use.latest.version': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    documentation:
      'Write with the latest schema of the subject, whatever schema the record has. Only with `auto.register.schemas=false`.',
  },
  'latest.compatibility.strict': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      'With use.latest.version: refuse records with a field that the latest schema does not have. With `false` such fields are left out.',
  },
  'latest.cache.ttl.sec': {
    type: 'INT',
    default: -1,
    importance: 'LOW',
    documentation:
      'With use.latest.version: after how many seconds the registry is asked again which version is the latest. -1: never, until the task starts again.',
  },
  'use.schema.id': {
    type: 'INT',
    default: -1,
    importance: 'LOW',
    documentation: 'Write with the schema of this id. Only with `auto.register.schemas=false`. -1: not so.',
  },
  'id.compatibility.strict': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      'With use.schema.id: refuse records with a field that the schema does not have. With `false` such fields are left out.',
  },
  'normalize.schemas': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Have the registry bring schemas into one form before it compares them, so that an order without meaning makes no new version.',
  },
  'key.subject.name.strategy': {
    type: 'CLASS',
    default: SUBJECT_NAME_STRATEGIES.topic,
    validator: validators.oneOf(...Object.values(SUBJECT_NAME_STRATEGIES)),
    importance: 'MEDIUM',
    documentation:
      'What the subject of a key schema is called: after the topic (`orders-key`), the record, or both.',
  },
  'value.subject.name.strategy': {
    type: 'CLASS',
    default: SUBJECT_NAME_STRATEGIES.topic,
    validator: validators.oneOf(...Object.values(SUBJECT_NAME_STRATEGIES)),
    importance: 'MEDIUM',
    documentation:
      'What the subject of a value schema is called: after the topic (`orders-value`), the record, or both.',
  },
  'key.schema.id.serializer': {
    type: 'CLASS',
    default: `${SERIALIZERS}.PrefixSchemaIdSerializer`,
    validator: only(`${SERIALIZERS}.PrefixSchemaIdSerializer`, 'The id goes before the data'),
    importance: 'MEDIUM',
    documentation: 'Where the id of a key schema goes: before the data, and nowhere else.',
  },
  'value.schema.id.serializer': {
    type: 'CLASS',
    default: `${SERIALIZERS}.PrefixSchemaIdSerializer`,
    validator: only(`${SERIALIZERS}.PrefixSchemaIdSerializer`, 'The id goes before the data'),
    importance: 'MEDIUM',
    documentation: 'Where the id of a value schema goes: before the data, and nowhere else.',
  },
  'schemas.cache.config': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    documentation: 'How many schemas are kept in memory, at least.',
  },
  'basic.auth.credentials.source': {
    type: 'STRING',
    default: 'URL',
    validator: validators.oneOf(...BASIC_AUTH_SOURCES),
    importance: 'MEDIUM',
    documentation:
      'Where user and password come from: `URL` (`https://user:password@host`), `USER_INFO` (basic.auth.user.info) or `SASL_INHERIT` (sasl.jaas.config).',
    recommend: () => BASIC_AUTH_SOURCES,
  },
  'basic.auth.user.info': {
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    documentation: 'With `basic.auth.credentials.source=USER_INFO`: `user:password`.',
  },
  'schema.registry.basic.auth.user.info': {
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    documentation: 'The older name of basic.auth.user.info; it wins where both are set.',
  },
  'sasl.jaas.config': {
    type: 'PASSWORD',
    default: null,
    importance: 'MEDIUM',
    documentation:
      'With `basic.auth.credentials.source=SASL_INHERIT`: a login in the form of Kafka clients, whose username and password are used.',
  },
  'bearer.auth.credentials.source': {
    type: 'STRING',
    default: 'STATIC_TOKEN',
    validator: only('STATIC_TOKEN', 'Only STATIC_TOKEN is there: set bearer.auth.token'),
    importance: 'MEDIUM',
    documentation: 'Where a bearer token comes from: bearer.auth.token.',
  },
  'bearer.auth.token': {
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    documentation: 'A token that is sent in place of user and password.',
  },
  'http.connect.timeout.ms': {
    type: 'INT',
    default: 60_000,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'How long connecting to the registry may take.',
  },
  'http.read.timeout.ms': {
    type: 'INT',
    default: 60_000,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'How long the registry may take for an answer.',
  },
  'max.retries': {
    type: 'INT',
    default: 3,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation:
      'How often a request is tried again where the registry does not answer, or cannot for now. Then the task fails, and is started again.',
  },
  'retries.wait.ms': {
    type: 'INT',
    default: 1000,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation: 'The longest wait before the first retry; it doubles with each.',
  },
  'retries.max.wait.ms': {
    type: 'INT',
    default: 20_000,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation: 'The longest wait before any retry.',
  },
  ...tlsOptions(),
} as const satisfies OptionDefinitions

function tlsOptions() {
  const secret = (documentation: string) =>
    ({ type: 'PASSWORD', default: null, importance: 'HIGH', documentation }) as const
  const file = (documentation: string) =>
    ({ type: 'STRING', default: null, importance: 'HIGH', documentation }) as const
  return {
    'schema.registry.ssl.truststore.location': file(
      'A file of trusted authorities (PEM, PKCS12 or JKS) for `https://` addresses.',
    ),
    'schema.registry.ssl.truststore.password': secret('The password of the trust store.'),
    'schema.registry.ssl.truststore.certificates': secret('Trusted authorities, as PEM text.'),
    'schema.registry.ssl.keystore.location': file('A file with key and certificate (PEM, PKCS12 or JKS).'),
    'schema.registry.ssl.keystore.password': secret('The password of the key store.'),
    'schema.registry.ssl.keystore.key': secret('The private key, as PEM text.'),
    'schema.registry.ssl.keystore.certificate.chain': secret("The key's certificates, as PEM text."),
    'schema.registry.ssl.key.password': secret('The password of the private key.'),
    'schema.registry.ssl.enabled.protocols': {
      type: 'LIST',
      default: ['TLSv1.2', 'TLSv1.3'],
      importance: 'MEDIUM',
      documentation: 'The versions of TLS that may be used.',
    },
    'schema.registry.ssl.cipher.suites': {
      type: 'LIST',
      default: [],
      importance: 'LOW',
      documentation: 'The cipher suites that may be used; empty: those of Node.js.',
    },
    'schema.registry.ssl.endpoint.identification.algorithm': {
      type: 'STRING',
      default: 'https',
      importance: 'LOW',
      documentation: 'Empty: the name in the certificate of the registry is not compared with its address.',
    },
  } as const satisfies OptionDefinitions
}

function urlProblem(text: string): string | null {
  try {
    const { protocol } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? null : 'Each URL begins with http:// or https://'
  } catch {
    return 'Each URL is of the form http://host:port'
  }
}
