import { acknowledged, ok } from '../http/api-request.ts'
import { MAX_BODY_BYTES } from '../http/request-body.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import { PlainError, SearchError } from '../search-error.ts'

/** The version whose answers this node imitates. */
export const IMITATED_VERSION = '8.10.2'
export const CLUSTER_NAME = 'tailrace'
export const NODE_NAME = 'tailrace-embedded-search'

const NOTE =
  "This is tailrace's embedded search node, an imitation of a part of Elasticsearch's REST API over SQLite: " +
  'for trying out and for tests, not for production.'

/** `GET /` and what clients and tools probe for before they start. */
export function nodeInfoRoutes(node: NodeServices): Routes {
  const info = {
    name: NODE_NAME,
    cluster_name: CLUSTER_NAME,
    cluster_uuid: node.nodeId,
    version: {
      number: IMITATED_VERSION,
      build_flavor: 'tailrace-embedded',
      build_type: 'npm',
      build_snapshot: false,
      lucene_version: '9.7.0',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
    note: NOTE,
  }
  const nodes = () => {
    const http = {
      bound_address: [node.address()],
      publish_address: node.address(),
      max_content_length_in_bytes: MAX_BODY_BYTES,
    }
    const self = {
      name: NODE_NAME,
      version: IMITATED_VERSION,
      build_flavor: 'tailrace-embedded',
      roles: ['data', 'ingest', 'master'],
      http,
    }
    const counts = { total: 1, successful: 1, failed: 0 }
    return ok({ _nodes: counts, cluster_name: CLUSTER_NAME, nodes: { [node.nodeId]: self } })
  }
  const endpoint = { parameters: ['timeout', 'flat_settings', 'include_defaults', 'master_timeout'] }
  return {
    'GET /': { parameters: [], handle: () => ok(info) },
    'GET /_nodes': { ...endpoint, handle: nodes },
    'GET /_nodes/{metric}': { ...endpoint, handle: nodes },
    'GET /_cluster/settings': { ...endpoint, handle: () => ok({ persistent: {}, transient: {} }) },
    'PUT /_cluster/settings': {
      ...endpoint,
      handle: () => ok({ ...(acknowledged.body as object), persistent: {}, transient: {} }),
    },
    'GET /_license': {
      parameters: ['local', 'accept_enterprise'],
      handle: () => ok({ license: { status: 'active', type: 'basic' } }),
    },
    'GET /_xpack': {
      parameters: ['categories', 'accept_enterprise'],
      handle: () => ok({ build: {}, license: null, features: {}, tagline: NOTE }),
    },
    'GET /_ingest/pipeline': {
      parameters: ['master_timeout', 'summary'],
      handle: () => ({ status: 404, body: {} }),
    },
    'GET /_index_template/{name}': {
      parameters: ['flat_settings', 'master_timeout', 'local'],
      handle: (request) => {
        const reason = `index template matching [${request.pathValue('name')}] not found`
        throw new SearchError(404, 'resource_not_found_exception', reason)
      },
    },
    'GET /_security/_authenticate': {
      parameters: [],
      handle: () => {
        throw new PlainError(400, 'security is not part of the embedded search node')
      },
    },
  }
}
