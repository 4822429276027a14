import type { ConnectorConfig, OptionDefinition, OptionType } from '../../api/config-def.ts'

/**
 * One of Debezium's options. What is wrong with a value is said in Debezium's words, not Kafka's, and a value can have
 * several problems at once: hence `checks` in place of a validator.
 */
export interface PostgresOptionDefinition<T extends OptionType = OptionType> extends OptionDefinition<T> {
  /** Missing or blank is an error. */
  readonly isRequired?: boolean
  /** The accepted values, whatever their case. */
  readonly allowed?: readonly string[]
  readonly checks?: readonly OptionCheck[]
  /** `refused`: going on without it would write wrong data. `ignored`: it has no effect in this version. */
  readonly support?: 'refused' | 'ignored'
}

/** The problem with an option's text (`A positive, non-zero integer value is expected`), or null. */
export type OptionCheck = (text: string, config: ConnectorConfig) => string | null

export type PostgresOptionDefinitions = Readonly<Record<string, PostgresOptionDefinition>>
