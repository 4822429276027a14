import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigAdmission } from './config-admission.ts'
import { ConfigMask } from './config-mask.ts'
import { ConfigResolver } from '../config-providers/config-resolver.ts'
import { classProblem } from './nested-options.ts'
import { PluginCatalogue } from '../plugin-catalogue.ts'
import { testCatalogue, testWorkerProperties } from '../testing/test-catalogue.ts'
import { parseWorkerConfig } from './worker-config.ts'

const warnings: object[] = []
const ignore = (): void => {}
const resolver = new ConfigResolver(
  {
    'config.providers': 'env',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  },
  { SECRET: 'hunter2' },
)
const admission = new ConfigAdmission(
  {
    catalogue: new PluginCatalogue(testCatalogue),
    worker: parseWorkerConfig(testWorkerProperties),
    resolver,
    mask: new ConfigMask(false, resolver),
    logger: { debug: ignore, info: ignore, warn: (fields) => void warnings.push(fields), error: ignore },
  },
  { names: () => [], get: () => undefined },
  new AbortController().signal,
)
const source = { 'connector.class': 'test.CountingSourceConnector', topic: 'numbers' }
const sink = { 'connector.class': 'CollectingSink', topics: 'a', file: 'f' }

const refused = (...errors: readonly string[]) => ({
  name: 'ConfigError',
  message:
    `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\n` +
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
})

describe('a configuration', () => {
  it('gets its name and is otherwise kept as it was posted', async () => {
    assert.deepEqual(await admission.admit('c', source), { ...source, name: 'c' })
    assert.deepEqual(await admission.admit('c', { ...sink, name: 'c' }), { ...sink, name: 'c' })
  })

  it('gets its name in place of a null', async () => {
    assert.deepEqual(await admission.admit('c', { ...sink, name: null }), { ...sink, name: 'c' })
  })

  it('is validated with what config providers supply, and kept and refused without it', async () => {
    const config = { ...sink, file: '${env:SECRET}' }
    assert.deepEqual(await admission.admit('c', config), { ...config, name: 'c' })
    const { options } = await admission.validate('CollectingSink', { ...config, name: 'c' })
    assert.equal(options.find(({ name }) => name === 'file')?.value, '${env:SECRET}')
    await assert.rejects(
      admission.admit('c', { ...config, 'tasks.max': '${env:SECRET}' }),
      refused(
        'Invalid value ${env:SECRET} for configuration tasks.max: Not a number of type INT',
        'Invalid value null for configuration tasks.max: Value must be non-null',
      ),
    )
  })

  it('is told twice that tasks.max is no number, as by the reference', () =>
    assert.rejects(
      admission.admit('c', { ...sink, 'tasks.max': 'many' }),
      refused(
        'Invalid value many for configuration tasks.max: Not a number of type INT',
        'Invalid value null for configuration tasks.max: Value must be non-null',
      ),
    ))

  it('may have properties that nobody knows, which is said once with their names only', async () => {
    warnings.length = 0
    await admission.admit('c', { ...sink, 'type.name': '_doc', 'consumer.override.x': '1' })
    assert.deepEqual(warnings, [{ connector: 'c', properties: ['type.name'] }])
    await admission.admit('c', { ...source, 'note.1': 'read by the plugin', 'note.x': 'by nobody' })
    assert.deepEqual(warnings.slice(1), [{ connector: 'c', properties: ['note.x'] }])
  })

  const class400: readonly (readonly [string, ConnectorConfig, string])[] = [
    ['no class', { 'tasks.max': '1' }, 'Connector config {tasks.max=1, name=c} contains no connector type'],
    [
      'no class but a password',
      { 'database.password': 'x' },
      'Connector config {database.password=[hidden], name=c} contains no connector type',
    ],
    [
      'another name than the address',
      { ...source, name: 'b' },
      "Connector name configuration (b) doesn't match connector name in the URL (c)",
    ],
  ]
  for (const [what, config, message] of class400) {
    it(`is refused with ${what}`, () =>
      assert.rejects(admission.admit('c', config), { name: 'ConfigError', message }))
  }

  it('is refused with an unknown class', () =>
    assert.rejects(admission.admit('c', { 'connector.class': 'no.such.Connector' }), {
      name: 'ConfigError',
      message:
        /^Failed to find any class that implements Connector and which name matches no.such.Connector, available/,
    }))

  const route = { transforms: 'r', 'transforms.r.type': 'test.Route' }
  const errors: readonly (readonly [string, ConnectorConfig, readonly string[]])[] = [
    [
      'a missing option',
      { 'connector.class': 'CountingSource' },
      ['Missing required configuration "topic" which has no default value.'],
    ],
    [
      'a bad number',
      { ...source, 'tasks.max': '0' },
      ['Invalid value 0 for configuration tasks.max: Value must be at least 1'],
    ],
    [
      'null for a property that nobody knows',
      { ...sink, 'my.key': null },
      ['Null value can not be supplied as the configuration value.'],
    ],
    [
      'null for what it gives every connector',
      { ...sink, 'tasks.max': null, transforms: null, 'errors.tolerance': null, 'errors.log.enable': null },
      [
        'Invalid value null for configuration tasks.max: Value must be non-null',
        'Null value can not be supplied as the configuration value.',
        'Invalid value null for configuration transforms: entry must be non null',
        'Null value can not be supplied as the configuration value.',
        'Invalid value null for configuration errors.tolerance: String must be one of: none, all',
        'Null value can not be supplied as the configuration value.',
        'Null value can not be supplied as the configuration value.',
      ],
    ],
    [
      'null for an option of a transformation, and none for that of a converter',
      {
        ...sink,
        ...route,
        'transforms.r.topic': 'b',
        'transforms.r.negate': null,
        'value.converter': 'test.PlainJsonConverter',
        'value.converter.schemas.enable': null,
      },
      [
        "Config 'transforms.r.negate' was provided but there is no config 'transforms.r.predicate' defining a predicate to be negated.",
        'Null value can not be supplied as the configuration value.',
      ],
    ],
    [
      'a range of versions that is none',
      { ...sink, 'key.converter.plugin.version': '[4,3]', 'value.converter.plugin.version': '[4' },
      ['Range defies version ordering: [4,3]', 'Unbounded range: [4'],
    ],
    [
      'a client property of another type',
      { ...sink, 'consumer.override.max.poll.records': 'many' },
      ['Invalid value many for configuration consumer.override.max.poll.records: Not a number of type INT'],
    ],
    [
      'no topics',
      { ...sink, topics: '' },
      Array<string>(2).fill('Must configure one of topics or topics.regex'),
    ],
    [
      'topics twice',
      { ...sink, 'topics.regex': 'a.*' },
      Array<string>(2).fill('topics and topics.regex are mutually exclusive options, but both are set.'),
    ],
    [
      'a topic twice',
      { ...sink, topics: 'a,b,a' },
      ["Configuration 'topics' values must not be duplicated."],
    ],
    [
      'a topic without a name',
      { ...sink, topics: 'a,' },
      ["Configuration 'topics' values must not be empty."],
    ],
    [
      'its dead letter queue among its topics',
      { ...sink, 'errors.deadletterqueue.topic.name': 'a' },
      [
        "The DLQ topic 'a' may not be included in the list of topics ('topics=[a]') consumed by the connector",
      ],
    ],
    [
      'an unknown converter',
      { ...sink, 'key.converter': 'no.such.Converter' },
      [
        'Invalid value no.such.Converter for configuration key.converter: Class no.such.Converter could not be found.',
      ],
    ],
    [
      'a connector for a converter',
      { ...sink, 'value.converter': 'test.CollectingSinkConnector' },
      ['Class class test.CollectingSinkConnector does not implement the Converter interface'],
    ],
    [
      'a bad option of a converter',
      { ...sink, 'value.converter': 'test.PlainJsonConverter', 'value.converter.schemas.enable': 'x' },
      ['Invalid value x for configuration schemas.enable: Expected value to be either true or false'],
    ],
    [
      'a transformation without a type',
      { ...sink, transforms: 'r' },
      ['Missing required configuration "transforms.r.type" which has no default value.'],
    ],
    [
      'an unknown transformation',
      { ...sink, transforms: 'r', 'transforms.r.type': 'no.such' },
      ['Invalid value no.such for configuration transforms.r.type: Class no.such could not be found.'],
    ],
    [
      'an option of a transformation of another type',
      { ...sink, ...route, 'transforms.r.topic': 'b', 'transforms.r.only.general': 'x' },
      [
        'Invalid value x for configuration transforms.r.only.general: Expected value to be either true or false',
      ],
    ],
    [
      'a predicate to negate that is not there',
      { ...sink, ...route, 'transforms.r.topic': 'b', 'transforms.r.negate': 'true' },
      [
        "Config 'transforms.r.negate' was provided but there is no config 'transforms.r.predicate' defining a predicate to be negated.",
      ],
    ],
    [
      'a missing option of a transformation',
      { ...sink, ...route },
      ['Missing required configuration "transforms.r.topic" which has no default value.'],
    ],
    [
      'an alias twice',
      { ...sink, ...route, transforms: 'r,r', 'transforms.r.topic': 'x' },
      ['Invalid value [r, r] for configuration transforms: Duplicate alias provided.'],
    ],
    [
      'errors.tolerance=some',
      { ...sink, 'errors.tolerance': 'some' },
      ['Invalid value some for configuration errors.tolerance: String must be one of: none, all'],
    ],
    [
      'what the plugin finds in the world',
      { ...source, 'refuse.with': 'The server is away' },
      ['The server is away'],
    ],
    [
      'what the plugin finds beside what is wrong with other options',
      { ...source, 'refuse.with': 'The server is away', 'tasks.max': '0' },
      ['Invalid value 0 for configuration tasks.max: Value must be at least 1', 'The server is away'],
    ],
    [
      'only the errors that can be told without the world, where its own options are wrong',
      { ...source, 'refuse.with': 'The server is away', count: 'x' },
      ['Invalid value x for configuration count: Not a number of type INT'],
    ],
  ]
  for (const [what, config, expected] of errors) {
    it(`is refused with ${what}`, () => assert.rejects(admission.admit('c', config), refused(...expected)))
  }

  it('is refused with an empty name and with control characters in it', async () => {
    await assert.rejects(
      admission.admit('', sink),
      refused('Invalid value  for configuration name: String may not be empty'),
    )
    await assert.rejects(
      admission.admit('a\nb', sink),
      refused(
        'Invalid value a\nb for configuration name: String may not contain control sequences but had the following ASCII chars: 10',
      ),
    )
  })
})

describe('a validation request', () => {
  it('shows common options, own options and those of transformations, each with its errors', async () => {
    const config = { ...sink, name: 'c', transforms: 'r', 'transforms.r.type': 'Route', 'batch.x': '1' }
    const { name, errorCount, groups, options } = await admission.validate('CollectingSink', config)
    assert.equal(name, 'test.CollectingSinkConnector')
    assert.equal(errorCount, 1)
    assert.deepEqual(groups.slice(0, 4), ['Common', 'Transforms', 'Predicates', 'Error Handling'])
    const names = options.map((option) => option.name)
    for (const expected of ['name', 'topics', 'file', 'transforms.r.topic', 'transforms.r.predicate']) {
      assert.ok(names.includes(expected), expected)
    }
    assert.equal(new Set(names).size, names.length)
  })

  it('is refused where address and configuration mean different plugins, and where a class is unknown', async () => {
    await assert.rejects(admission.validate('CountingSource', sink), {
      name: 'ConfigError',
      message: 'Included connector type CollectingSink does not match request type CountingSource',
    })
    await assert.rejects(admission.validate('CountingSource', { 'connector.class': '' }), {
      name: 'ConfigError',
      message: 'Included connector type  does not match request type CountingSource',
    })
    await assert.rejects(admission.validate('x', { 'connector.class': 'x' }), {
      name: 'ConnectError',
      code: 'connect.plugin-unknown',
    })
    await assert.rejects(admission.validate('CountingSource', { name: 'c' }), {
      name: 'ConnectError',
      message:
        'org.apache.kafka.connect.runtime.rest.errors.BadRequestException: Connector config {name=c} contains no connector type',
    })
  })

  it('refuses plugins that are not of the wanted version, by class and by version', async () => {
    const wanted = {
      'connector.class': 'CountingSource',
      name: 'c',
      topic: 't',
      'connector.plugin.version': '[1.0,2)',
      transforms: 'a',
      'transforms.a.type': 'test.Route',
      'transforms.a.topic': 'u',
      'transforms.a.plugin.version': '99',
    }
    const { options, errorCount } = await admission.validate('CountingSource', wanted)
    const wrong = options.filter(({ errors }) => errors.length > 0)
    assert.deepEqual(
      [errorCount, ...wrong.map(({ name }) => name)],
      [2, 'transforms.a.type', 'transforms.a.plugin.version'],
    )
    assert.match(
      wrong[0]!.errors[0]!,
      /^Plugin test\.Route not found that matches the version range \[99,99\]/,
    )
    await assert.rejects(admission.admit('c', { ...wanted, 'connector.plugin.version': '1.3' }), {
      name: 'ConfigError',
      message: /contains the following 4 error\(s\)/,
    })
    assert.ok((await admission.pluginConfig('CountingSource', '1.2')).length > 0)
    await assert.rejects(admission.pluginConfig('CountingSource', '7'), {
      name: 'ConfigError',
      message: /version range \[7,7\], available versions: \[1\.2\]$/,
    })
  })

  it('shows the options of every kind of plugin', async () => {
    const names = async (plugin: string) => (await admission.pluginConfig(plugin)).map(({ name }) => name)
    assert.ok((await names('CountingSource')).includes('topic.creation.groups'))
    assert.ok(!(await names('CountingSource')).includes('topics'))
    assert.deepEqual(await names('test.Route'), ['topic', 'only.general', 'fail.on'])
    await assert.rejects(names('no.such.Plugin'), {
      name: 'NotFoundError',
      message: 'Unknown plugin no.such.Plugin.',
    })
  })
})

it('a transformation that does not say whether it is of keys or values is named with both forms', () => {
  const entries = ['test.Mark$Key', 'test.Mark$Value'].map((className) => ({
    className,
    type: 'transformation' as const,
    version: '1',
    load: () => Promise.reject(new Error('Not wanted')),
  }))
  assert.equal(
    classProblem('transforms.r.type', 'test.Mark', new PluginCatalogue(entries), 'transformation')?.message,
    'This class is abstract and cannot be created. Did you mean test.Mark$Key, test.Mark$Value?',
  )
})

it('a class is taken as it is written, blanks included', () =>
  assert.rejects(admission.admit('c', { ...sink, 'connector.class': ' CollectingSink ' }), {
    code: 'connect.plugin-unknown',
  }))
