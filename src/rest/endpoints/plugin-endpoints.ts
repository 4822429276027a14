import { ConfigError } from '../../api/errors.ts'
import type { Herder } from '../../connect/herder.ts'
import { configInfos, configKeyInfos } from '../config-info.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { configOf, textBody } from '../json-body.ts'

/** The plugins of this worker, their options, and the validation of configurations. */
export function pluginEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/connector-plugins',
      handle({ query }) {
        const all = !/^(?:|true)$/i.test(query.get('connectorsOnly') ?? '')
        const plugins = herder
          .plugins()
          .filter(({ type }) => all || type === 'source' || type === 'sink')
          .map(({ className, type, version }) => ({ class: className, type, version }))
        return ok(plugins)
      },
    },
    {
      method: 'GET',
      path: '/connector-plugins/:plugin/config',
      async handle(request) {
        return ok(configKeyInfos(await herder.pluginConfig(request.param('plugin'))))
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/config/validate',
      async handle(request) {
        const plugin = request.param('plugin')
        const config = configOf(textBody(request.body), 'The configuration')
        const included = config['connector.class']
        if (included && !shortName(included).endsWith(shortName(plugin))) {
          throw new ConfigError(
            'rest.request-invalid',
            `Included connector type ${included} does not match request type ${plugin}`,
          )
        }
        return ok(configInfos(await herder.validateConfig(plugin, config).catch(asServerError)))
      },
    },
  ]
}

/** `PostgresConnector` and `Postgres` are names of the same plugin. */
function shortName(plugin: string): string {
  return plugin.length > 'Connector'.length ? plugin.replace(/Connector$/, '') : plugin
}

/** The reference answers 500 where `validate` cannot even begin: unknown class, no class. POST answers 400 to the same. */
function asServerError(error: unknown): never {
  if (error instanceof ConfigError) throw new HttpError(error.code, { status: 500 }, error.message)
  throw error
}
