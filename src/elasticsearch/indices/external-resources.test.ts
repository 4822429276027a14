import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elasticsearchSinkConnector } from '../connector.ts'
import { FakeElasticsearch } from '../testing/fake-elasticsearch.ts'

const USAGE = 'external.resource.usage'
const MAPPING = 'topic.to.external.resource.mapping'
const TOGETHER = `Invalid configuration: ${USAGE} and ${MAPPING} must be configured together. Either both must be set, or both must be empty.`
const EXCLUSIVE = `Resource mapping mode and data stream configs are mutually exclusive. When using ${MAPPING}, data stream configs (data.stream.type, data.stream.dataset) must not be set.`
const invalid = (entry: string, problem: string) =>
  `Invalid value ${entry} for configuration ${MAPPING}: ${problem}`
const FORM = 'Invalid topic-to-resource mapping format. The expected format: topic:resource'
const both = { [USAGE]: 'INDEX', topics: 'a,b' }

const CASES: readonly [config: Record<string, string>, messages: readonly string[]][] = [
  [{ ...both, [MAPPING]: 'a:there,b:other' }, []],
  [{ ...both, [USAGE]: 'alias_index', [MAPPING]: 'a:known,b:known2' }, []],
  [{ ...both }, [TOGETHER, TOGETHER]],
  [{ [USAGE]: 'DISABLED', [MAPPING]: 'a:there', topics: 'a' }, [TOGETHER, TOGETHER]],
  [{ ...both, [MAPPING]: 'abc' }, [invalid('abc', FORM)]],
  [{ ...both, [MAPPING]: 'a:' }, [invalid('a:', FORM)]],
  [{ ...both, [MAPPING]: 'a:x:y' }, [invalid('a:x:y', FORM)]],
  [{ ...both, [MAPPING]: 'a:there,a:other' }, [invalid('a:other', "Topic 'a' is mapped to multiple resources. Each topic must be mapped to exactly one resource.")]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there,b:there' }, [invalid('b:there', "Resource 'there' is mapped from multiple topics. Each resource must be mapped to exactly one topic.")]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there,b:other', 'max.external.resource.mappings': '1' }, [invalid('[a:there, b:other]', 'Too many topic-to-external-resource mappings are configured (2). Maximum allowed limit is 1.')]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there' }, ["Topic 'b' is not mapped to any resource. All configured topics must be mapped to a resource."]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there,b:other,c:x' }, ["Topic 'c' is mapped but not configured. All mapped topics must be configured topics."]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there,b:other', 'data.stream.type': 'logs', 'data.stream.dataset': 'd' }, [EXCLUSIVE, EXCLUSIVE, EXCLUSIVE]], // prettier-ignore
  [{ ...both, [MAPPING]: 'a:there,b:gone' }, ["index 'gone' does not exist in Elasticsearch"]],
  [{ ...both, [USAGE]: 'ALIAS_INDEX', [MAPPING]: 'a:there,b:other' }, ["alias_index 'there' does not exist in Elasticsearch"]], // prettier-ignore
]

test('where topics go is checked in the words of the reference, and that it exists', async () => {
  await using es = await FakeElasticsearch.start()
  for (const index of ['there', 'other']) es.indices.set(index, new Map())
  for (const alias of ['known', 'known2']) es.aliases.add(alias)
  for (const [config, messages] of CASES) {
    const whole = { 'connection.url': es.url, 'key.ignore': 'true', 'schema.ignore': 'true', ...config }
    const issues = await elasticsearchSinkConnector.validate!(whole, new AbortController().signal)
    assert.deepEqual(
      issues.map(({ message }) => message),
      messages,
      JSON.stringify(config),
    )
  }
})
