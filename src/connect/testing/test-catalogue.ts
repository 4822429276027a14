import type { Plugin } from '../../api/plugin.ts'
import type { PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { collectingSink } from './collecting-sink.ts'
import { countingSource } from './counting-source.ts'
import { routeTransformation, topicPredicate } from './mark-records.ts'
import { plainJsonConverter, textHeaderConverter } from './plain-json-converter.ts'

const plugins: readonly Plugin[] = [
  countingSource,
  collectingSink,
  plainJsonConverter,
  textHeaderConverter,
  routeTransformation,
  topicPredicate,
]

export const testCatalogue: readonly PluginCatalogueEntry[] = plugins.map((plugin) => {
  const { className, type, version } = plugin
  return { className, type, version, load: async () => plugin }
})

/** Worker properties that use the catalogue's converters. */
export const testWorkerProperties = {
  'key.converter': 'test.PlainJsonConverter',
  'value.converter': 'test.PlainJsonConverter',
  'header.converter': 'test.TextHeaderConverter',
} as const
