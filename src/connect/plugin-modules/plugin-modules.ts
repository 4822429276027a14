import { ConfigError } from '../../api/errors.ts'
import type { Plugin } from '../../api/plugin.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { PluginInfo } from '../herder.ts'
import type { PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { resolveApiToThisWorker } from './api-resolution.ts'
import { locatePlugin } from './plugin-location.ts'
import { pluginProblem } from './plugin-problem.ts'

/** A plugin out of a module of the user's. Plain data: it goes to the task threads, which load the code they need. */
export interface ModulePlugin extends PluginInfo {
  /** The module's address. */
  readonly module: string
}

/**
 * Loads the modules that the worker's `plugins` names. One that is broken is reported, and the worker does without it.
 *
 * @param directory what relative names and packages are looked for from
 * @param taken the plugins that there are already; their names stay theirs
 */
export async function readPluginModules(
  names: readonly string[],
  {
    directory,
    taken,
    logger,
  }: {
    readonly directory: string
    readonly taken: readonly PluginInfo[]
    readonly logger: TaskLogger
  },
): Promise<readonly ModulePlugin[]> {
  const found: ModulePlugin[] = []
  if (names.length > 0) resolveApiToThisWorker()
  for (const name of new Set(names)) {
    try {
      const module = locatePlugin(name, directory).href
      for (const { className, type, version } of await importPlugins(name, module)) {
        const other = [...taken, ...found].find(
          (plugin) => plugin.className === className && plugin.type === type,
        )
        if (other === undefined) found.push({ className, type, version, module })
        else
          logger.error({ plugin: name, class: className }, 'A plugin has the name of another and is left out')
      }
    } catch (error) {
      logger.error({ err: error, plugin: name }, 'A plugin cannot be loaded and is left out')
    }
  }
  for (const plugin of found) logger.info({ ...plugin }, 'Loaded a plugin')
  return found
}

/** Catalogue entries that import their modules when they are used, in whichever thread that is. */
export function moduleEntries(plugins: readonly ModulePlugin[]): readonly PluginCatalogueEntry[] {
  return plugins.map(({ className, type, version, module }) => ({
    className,
    type,
    version,
    async load() {
      resolveApiToThisWorker()
      const all = await importPlugins(module, module)
      return all.find((plugin) => plugin.className === className && plugin.type === type)!
    },
  }))
}

/** Throws `ConfigError`, or what the module itself throws. */
async function importPlugins(name: string, module: string): Promise<readonly Plugin[]> {
  const { plugins } = (await import(module)) as { readonly plugins?: unknown }
  if (!Array.isArray(plugins) || plugins.length === 0) {
    throw new ConfigError(
      'connect.plugin-broken',
      `Plugin ${name} does not export its plugins: export const plugins: readonly Plugin[] = […]`,
    )
  }
  for (const plugin of plugins as readonly unknown[]) {
    const problem = pluginProblem(plugin)
    if (problem !== null) throw new ConfigError('connect.plugin-broken', `Plugin ${name}: ${problem}`)
  }
  return plugins as readonly Plugin[]
}
