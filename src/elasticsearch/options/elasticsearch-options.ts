import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { authenticationDefinitions } from './authentication-definitions.ts'
import { addressDefinitions, connectorDefinitions } from './connection-definitions.ts'
import { conversionDefinitions } from './conversion-definitions.ts'
import { indexDefinitions } from './index-definitions.ts'
import { mirrorDefinitions } from './mirror-definitions.ts'
import { kerberosDefinitions, proxyDefinitions, securityDefinitions } from './security-definitions.ts'
import { dataStreamDefinitions, externalResourceDefinitions } from './target-definitions.ts'

const definitions = {
  ...addressDefinitions,
  ...externalResourceDefinitions,
  ...dataStreamDefinitions,
  ...connectorDefinitions,
  ...conversionDefinitions,
  ...proxyDefinitions,
  ...securityDefinitions,
  ...kerberosDefinitions,
  ...authenticationDefinitions,
  ...mirrorDefinitions,
  ...indexDefinitions,
} as const satisfies OptionDefinitions

/** The options of the sink, in the order in which errors and forms show them: the reference's, then those of our own. */
export const elasticsearchOptions = new ConfigDef(definitions)

export type ElasticsearchConfig = ParsedConfig<typeof definitions>
