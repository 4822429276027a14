import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from '../api/errors.ts'
import { PluginCatalogue, type PluginCatalogueEntry } from './plugin-catalogue.ts'

const load = () => Promise.reject(new Error('no code may be loaded'))
const entries: readonly PluginCatalogueEntry[] = [
  {
    className: 'io.debezium.connector.postgresql.PostgresConnector',
    type: 'source',
    version: '3.7.0.Final',
    load,
  },
  { className: 'io.confluent.ElasticsearchSinkConnector', type: 'sink', version: '15.1.3', load },
  { className: 'org.apache.JsonConverter', type: 'converter', version: '1', load },
  { className: 'org.apache.JsonConverter', type: 'header_converter', version: '1', load },
  { className: 'org.apache.ExtractField$Key', type: 'transformation', version: '1', load },
  { className: 'a.Twice', type: 'transformation', version: '1', load },
  { className: 'b.Twice', type: 'transformation', version: '1', load },
  { className: 'a.Named', type: 'predicate', version: '1', aliases: ['nick'], load },
]
const catalogue = new PluginCatalogue(entries)

describe('the plugin catalogue', () => {
  const found: readonly (readonly [string, string])[] = [
    ['io.debezium.connector.postgresql.PostgresConnector', 'PostgresConnector'],
    ['PostgresConnector', 'PostgresConnector'],
    ['Postgres', 'PostgresConnector'],
    ['ElasticsearchSink', 'ElasticsearchSinkConnector'],
    ['Json', 'JsonConverter'],
    ['ExtractField$Key', 'ExtractField$Key'],
    ['nick', 'Named'],
  ]
  for (const [name, simple] of found) {
    it(`finds ${name}`, () => assert.equal(catalogue.find(name)?.className.split('.').at(-1), simple))
  }

  it('does not guess between classes that share a short name', () => {
    assert.equal(catalogue.find('Twice'), null)
    assert.equal(catalogue.find('b.Twice')?.className, 'b.Twice')
  })

  it('finds a class by the role that it is wanted for', () => {
    assert.equal(catalogue.find('JsonConverter', 'header_converter')?.type, 'header_converter')
    assert.equal(catalogue.find('Json', 'transformation'), null)
  })

  it('names the connectors that there are when it finds none', () => {
    assert.throws(() => catalogue.connector('no.such.Connector'), {
      code: 'connect.plugin-unknown',
      message:
        'Failed to find any class that implements Connector and which name matches no.such.Connector, ' +
        "available connectors are: PluginDesc{klass=class io.debezium.connector.postgresql.PostgresConnector, name='io.debezium.connector.postgresql.PostgresConnector', " +
        "version='3.7.0.Final', encodedVersion=3.7.0.Final, type=source, typeName='source', location='classpath'}, " +
        "PluginDesc{klass=class io.confluent.ElasticsearchSinkConnector, name='io.confluent.ElasticsearchSinkConnector', " +
        "version='15.1.3', encodedVersion=15.1.3, type=sink, typeName='sink', location='classpath'}",
    })
  })

  it('has an unknown class that was posted as a fault of the configuration', () => {
    assert.throws(() => catalogue.postedConnector(''), ConfigError)
    assert.equal(catalogue.postedConnector('ElasticsearchSink').type, 'sink')
  })

  it('lists plugins without loading them', () => {
    assert.equal(catalogue.infos().length, entries.length)
    assert.deepEqual(catalogue.infos()[1], {
      className: 'io.confluent.ElasticsearchSinkConnector',
      type: 'sink',
      version: '15.1.3',
    })
  })
})
