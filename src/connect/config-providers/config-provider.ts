/**
 * Supplies values that configurations only name: `${name:path:key}`. Called when a configuration is validated and when a
 * task starts, never for a record.
 */
export interface ConfigProvider {
  /**
   * The value of a key, or null where there is none: the variable then stays as it is, as in the reference.
   *
   * @param path empty where the variable has none. Throws `ConfigError`, without any value in it.
   */
  value(path: string, key: string): string | null
}

/** The `param.` options of one provider, the prefix taken away. */
export type ProviderParameters = Readonly<Record<string, string>>
