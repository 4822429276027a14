import type { Herder } from '../../connect/herder.ts'
import { configInfos, configKeyInfos } from '../config-info.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { configOf, textBody } from '../json-body.ts'

/** The plugins of this worker, their options, and the validation of configurations. */
export function pluginEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/connector-plugins',
      handle({ query }) {
        const all = !/^(?:|true)$/i.test(query.get('connectorsOnly') ?? '')
        const plugins = herder.admission
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
        return ok(
          configKeyInfos(
            await herder.admission.pluginConfig(request.param('plugin'), request.query.get('version')),
          ),
        )
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/config/validate',
      async handle(request) {
        const config = configOf(textBody(request.body), 'The configuration')
        return ok(configInfos(await herder.admission.validate(request.param('plugin'), config)))
      },
    },
  ]
}
