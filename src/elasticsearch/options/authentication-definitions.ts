import type { OptionDefinitions } from '../../api/config-def.ts'
import { enumeration } from './option-validators.ts'

const authentication = { importance: 'MEDIUM', width: 'MEDIUM', group: 'Authentication' } as const
const none = { default: null, ...authentication } as const

/** Who the sink is to the server. Of tailrace alone; without them `connection.username` counts, as in the reference. */
export const authenticationDefinitions = {
  'connection.auth': {
    type: 'STRING',
    default: 'basic',
    validator: enumeration('basic', 'api-key', 'bearer', 'aws-sigv4'),
    ...authentication,
    displayName: 'Authentication',
    documentation:
      'How requests are authenticated: `basic` with connection.username, or not at all without one; `api-key` with connection.api.key; `bearer` with connection.bearer.token; `aws-sigv4` for managed OpenSearch.',
    recommend: () => ['api-key', 'aws-sigv4', 'basic', 'bearer'],
  },
  'connection.api.key': {
    type: 'PASSWORD',
    ...none,
    displayName: 'API key',
    documentation: "An API key of Elasticsearch: its `encoded` form, or `id:api_key`. Used by connection.auth=api-key.", // prettier-ignore
  },
  'connection.bearer.token': {
    type: 'PASSWORD',
    ...none,
    displayName: 'Bearer token',
    documentation: 'A token of a service account, or a JWT. Used by connection.auth=bearer.',
  },
  'connection.aws.region': {
    type: 'STRING',
    ...none,
    displayName: 'AWS region',
    documentation: "The region to sign for. Left out it is taken from the address, `….REGION.es.amazonaws.com`, or from AWS_REGION.", // prettier-ignore
  },
  'connection.aws.service': {
    type: 'STRING',
    default: 'es',
    validator: enumeration('es', 'aoss'),
    ...authentication,
    displayName: 'AWS service',
    documentation: 'What to sign for: `es` is a managed domain, `aoss` a serverless collection.',
    recommend: () => ['aoss', 'es'],
  },
  'connection.aws.access.key.id': {
    type: 'STRING',
    ...none,
    displayName: 'AWS access key id',
    documentation: 'The access key to sign with. Left out, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment count.', // prettier-ignore
  },
  'connection.aws.secret.access.key': {
    type: 'PASSWORD',
    ...none,
    displayName: 'AWS secret access key',
    documentation: 'The secret of connection.aws.access.key.id.',
  },
  'connection.aws.session.token': {
    type: 'PASSWORD',
    ...none,
    displayName: 'AWS session token',
    documentation: 'The token that goes with a temporary access key.',
  },
} as const satisfies OptionDefinitions
