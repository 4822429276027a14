import type { ConnectorConfig } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import type { ConfigIssue } from '../api/plugin.ts'
import { connectionIssues } from './client/connection-check.ts'
import { externalResourceIssues } from './indices/external-resources.ts'
import { indexBody } from './indices/index-body.ts'
import { IndexNameFormat, indexNameProblem } from './indices/index-naming.ts'
import { elasticsearchOptions, type ElasticsearchConfig } from './options/elasticsearch-options.ts'
import { tlsOf } from './client/client-options.ts'

/** Checks the options together, then that Elasticsearch answers and takes the credentials. */
export async function validateElasticsearch(
  config: ConnectorConfig,
  signal: AbortSignal,
): Promise<readonly ConfigIssue[]> {
  const options = elasticsearchOptions.parse(config)
  const issues = [
    ...ruleIssues(options),
    ...externalResourceIssues(options, config),
    ...unsupportedIssues(config, options),
  ]
  if (issues.length > 0) return issues
  const stores = keyStoreIssues(options)
  return stores.length > 0 ? stores : connectionIssues(options, signal)
}

function ruleIssues(options: ElasticsearchConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const refuse = (message: string, ...names: readonly (keyof ElasticsearchConfig)[]) => {
    for (const option of names) issues.push({ option, message })
  }
  const urls = options['connection.url']
  if (urls.length === 0) {
    refuse('Malformed Elasticsearch connection URL: hosts must not be null nor empty', 'connection.url')
  } else if (urls.includes('')) {
    refuse('Malformed Elasticsearch connection URL: HTTP Host may not be empty', 'connection.url')
  }
  if ((options['connection.username'] === null) !== (options['connection.password'] === null)) {
    refuse(
      "Both 'connection.username' and 'connection.password' must be set.",
      'connection.username',
      'connection.password',
    )
  }
  const { 'linger.ms': linger, 'flush.timeout.ms': flushTimeout } = options
  if (linger > flushTimeout) {
    refuse(
      `'linger.ms' (${linger}) can not be larger than 'flush.timeout.ms' (${flushTimeout}).`,
      'linger.ms',
      'flush.timeout.ms',
    )
  }
  const {
    'batch.size': batch,
    'max.in.flight.requests': inFlight,
    'max.buffered.records': buffered,
  } = options
  if (buffered < batch * inFlight) {
    refuse(
      `'max.buffered.records' (${buffered}) must be larger than or equal to 'batch.size' (${batch}) x max.in.flight.requests (${inFlight}).`,
      'max.buffered.records',
      'batch.size',
      'max.in.flight.requests',
    )
  }
  if (options['key.ignore'] && options['topic.key.ignore'].length > 0) {
    refuse("'topic.key.ignore' can not be set if 'key.ignore' is true.", 'key.ignore', 'topic.key.ignore')
  }
  if (options['schema.ignore'] && options['topic.schema.ignore'].length > 0) {
    const message = "'topic.schema.ignore' can not be set if 'schema.ignore' is true."
    refuse(message, 'schema.ignore', 'topic.schema.ignore')
  }
  return [
    ...issues,
    ...authenticationIssues(options),
    ...proxyIssues(options),
    ...mirrorIssues(options),
    ...indexIssues(options),
    ...dataStreamIssues(options),
  ]
}

function dataStreamIssues(options: ElasticsearchConfig): ConfigIssue[] {
  const hasType = options['data.stream.type'].toLowerCase() !== 'none'
  const hasDataset = options['data.stream.dataset'] !== ''
  const issues: ConfigIssue[] = []
  if (hasType !== hasDataset) {
    const message = "Either both or neither 'data.stream.dataset' and 'data.stream.type' must be set."
    issues.push({ option: 'data.stream.dataset', message }, { option: 'data.stream.type', message })
  }
  const isDataStream =
    (hasType && hasDataset) || options['external.resource.usage'].toLowerCase().endsWith('datastream')
  if (!isDataStream) {
    const option = 'data.stream.timestamp.field'
    const message = `Mapping a field to the '@timestamp' field is only necessary when working with data streams. '${option}' must not be set when not using data streams.`
    return options[option].length === 0 ? issues : [...issues, { option, message }]
  }
  if (options['write.method'].toLowerCase() === 'upsert') {
    const message =
      'Upserts are not supported with data streams. write.method must not be UPSERT when using data streams.'
    return [...issues, { option: 'write.method', message }]
  }
  if (options['behavior.on.null.values'].toLowerCase() === 'delete') {
    const message =
      'Deletes are not supported with data streams. behavior.on.null.values must not be DELETE when using data streams.'
    return [...issues, { option: 'behavior.on.null.values', message }]
  }
  return issues
}

/** Options that would change what arrives where, and cannot yet: accepting them silently would be wrong. */
function unsupportedIssues(config: ConnectorConfig, options: ElasticsearchConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const kerberos = ['kerberos.user.principal', 'kerberos.keytab.path'] as const
  const given = kerberos.filter((option) => options[option] !== null)
  const both = "Either both or neither 'kerberos.user.principal' and 'kerberos.keytab.path' must be set."
  for (const option of given.length === 1 ? kerberos : given) {
    issues.push(given.length === 1 ? { option, message: both } : unsupported(option, 'Kerberos is'))
  }
  const sslOptions = Object.keys(config).filter((name) => name.startsWith('elastic.https.'))
  if (sslOptions.length > 0 && options['elastic.security.protocol'].toLowerCase() !== 'ssl') {
    const message = "'elastic.security.protocol' must be set to 'SSL' to use SSL configs."
    issues.push({ option: 'elastic.security.protocol', message })
  }
  return issues
}

/** A key store that cannot be read is told now, by its property. */
function keyStoreIssues(options: ElasticsearchConfig): ConfigIssue[] {
  try {
    tlsOf(options)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const option = /configuration (\S+):/.exec(error.message)?.[1] ?? 'elastic.security.protocol'
    return [{ option, message: error.message }]
  }
}

/** Names, bodies and files of indices. */
function indexIssues(options: ElasticsearchConfig): ConfigIssue[] {
  const option = 'index.name.format'
  const format = options[option]
  const issues: ConfigIssue[] = []
  const problem = indexNameProblem(format)
  if (problem !== null) {
    issues.push({ option, message: `Invalid value ${format} for configuration ${option}: ${problem}` })
  } else if (
    new IndexNameFormat(format).isDated &&
    !options['key.ignore'] &&
    !options['use.autogenerated.ids']
  ) {
    const message = `'${option}' has a date, so 'key.ignore' or 'use.autogenerated.ids' must be true.`
    issues.push({ option, message })
  }
  const settings = options['index.settings']
  const templateFile = options['index.template.file']
  // One for each topic is looked for when its index is made.
  const shape = { settings, templateFile: templateFile?.includes('${topic}') ? null : templateFile }
  try {
    indexBody(shape, '')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const named = error.message.includes('index.settings') ? 'index.settings' : 'index.template.file'
    issues.push({ option: named, message: error.message })
  }
  return issues
}

/** What would keep an index from being as its table is. */
function mirrorIssues(options: ElasticsearchConfig): ConfigIssue[] {
  if (options['mode'].toLowerCase() !== 'mirror') return []
  const contradictions: readonly (readonly [string, boolean])[] = [
    ['key.ignore', options['key.ignore']],
    ['topic.key.ignore', options['topic.key.ignore'].length > 0],
    ['use.autogenerated.ids', options['use.autogenerated.ids']],
    ['write.method', options['write.method'].toLowerCase() !== 'insert'],
    ['external.version.header', (options['external.version.header'] ?? '') !== ''],
    ['data.stream.type', options['data.stream.type'].toLowerCase() !== 'none'],
    ['external.resource.usage', options['external.resource.usage'].toLowerCase().endsWith('datastream')],
  ]
  return contradictions
    .filter(([, isSet]) => isSet)
    .map(([option]) => ({ option, message: `'${option}' contradicts 'mode' mirror. Remove it.` }))
}

function proxyIssues(options: ElasticsearchConfig): ConfigIssue[] {
  const login = (['proxy.username', 'proxy.password'] as const).filter(
    (name) => options[name] !== (name === 'proxy.username' ? '' : null),
  )
  if (options['proxy.host'].trim() === '') {
    return login.flatMap((used) => {
      const message = `'proxy.host' must be set to use '${used}'.`
      return [used, 'proxy.host'].map((option) => ({ option, message }))
    })
  }
  if (login.length !== 1) return []
  const message = "Either both or neither 'proxy.username' and 'proxy.password' can be set."
  return ['proxy.username', 'proxy.password'].map((option) => ({ option, message }))
}

/** What a kind of authentication needs, and what only another kind would use. */
function authenticationIssues(options: ElasticsearchConfig): ConfigIssue[] {
  const kind = options['connection.auth'].toLowerCase()
  const needs = (option: string, problem = 'it must be set') => [
    { option, message: `With 'connection.auth' ${kind}, '${option}': ${problem}.` },
  ]
  const has = (option: keyof ElasticsearchConfig) => (options[option] ?? '') !== ''
  if (kind !== 'basic' && has('connection.username')) {
    return needs('connection.username', 'remove it, or set connection.auth=basic')
  }
  if (kind === 'api-key' && !has('connection.api.key')) return needs('connection.api.key')
  if (kind === 'bearer' && !has('connection.bearer.token')) return needs('connection.bearer.token')
  if (kind === 'aws-sigv4') {
    const hasId = has('connection.aws.access.key.id')
    if (hasId !== has('connection.aws.secret.access.key')) {
      return needs(hasId ? 'connection.aws.secret.access.key' : 'connection.aws.access.key.id')
    }
    const isInEnvironment = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].every((name) => process.env[name])
    if (!hasId && !isInEnvironment) {
      return needs(
        'connection.aws.access.key.id',
        'set it, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment',
      )
    }
  }
  return []
}

function unsupported(option: string, what: string): ConfigIssue {
  return { option, message: `${what} not supported by this version of tailrace. Remove the option.` }
}
