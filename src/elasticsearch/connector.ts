import type { SinkConnectorPlugin } from '../api/plugin.ts'
import { elasticsearchOptions } from './options/elasticsearch-options.ts'
import { CONNECTOR_VERSION } from './client/connection-check.ts'
import { validateElasticsearch } from './validation.ts'

/** The sink that writes topics into Elasticsearch or OpenSearch. */
export const elasticsearchSinkConnector: SinkConnectorPlugin = {
  type: 'sink',
  className: 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
  version: CONNECTOR_VERSION,
  configDef: elasticsearchOptions,
  validate: validateElasticsearch,
  taskConfigs: (config, maxTasks) =>
    // The two additions are what `GET /connectors/{name}/tasks` shows in the reference.
    Array.from({ length: maxTasks }, (_, task) => ({
      ...config,
      'task.class': 'io.confluent.connect.elasticsearch.ElasticsearchSinkTask',
      taskId: String(task),
    })),
  async loadTask() {
    const { ElasticsearchSinkTask } = await import('./sink-task.ts')
    return () => new ElasticsearchSinkTask()
  },
  async loadPreflight() {
    const { elasticsearchPreflight } = await import('./preflight/elasticsearch-preflight.ts')
    return elasticsearchPreflight
  },
  async loadDocumentSearch() {
    const { ElasticsearchSearch } = await import('./search/elasticsearch-search.ts')
    return (config, context) => new ElasticsearchSearch(config, context)
  },
  async loadDocumentReader() {
    const { ElasticsearchDocuments } = await import('./verify/elasticsearch-documents.ts')
    return (config, context) => new ElasticsearchDocuments(config, context)
  },
  async loadReindexer() {
    const { ElasticsearchReindexer } = await import('./reindex/elasticsearch-reindexer.ts')
    return (config, context) => new ElasticsearchReindexer(config, context)
  },
}
