import {
  ConfigDef,
  type ConnectorConfig,
  type OptionDefinition,
  type OptionState,
} from '../../api/config-def.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import type { ValidatedOption } from '../herder.ts'
import { kafkaClientOptions } from './kafka-client-options.ts'
import type { WorkerConfig } from './worker-config.ts'

type Client = keyof typeof kafkaClientOptions

/**
 * The `producer.override.*`, `consumer.override.*` and `admin.override.*` of the clients that a connector has in the
 * reference. As there, a value must be of its option's type; whether it means something is found out by the task.
 */
export function overrideStates(
  type: 'source' | 'sink',
  config: ConnectorConfig,
  worker: WorkerConfig,
): ValidatedOption[] {
  return clientsOf(type, config, worker).flatMap((client) => {
    const prefix = `${client}.override.`
    return Object.entries(withoutPrefix(config, prefix)).map(([name, value]) => {
      const definition = definitionOf(client, name)
      return definition === null
        ? { name: prefix + name, definition, value, errors: [], recommendedValues: [], visible: true }
        : stateOf(prefix + name, definition, value)
    })
  })
}

function clientsOf(type: 'source' | 'sink', config: ConnectorConfig, { options }: WorkerConfig): Client[] {
  if (type === 'sink') {
    const hasDeadLetters = Boolean(config['errors.deadletterqueue.topic.name']?.trim())
    return hasDeadLetters ? ['producer', 'consumer', 'admin'] : ['consumer']
  }
  const isCreating = Object.keys(config).some((name) => name.startsWith('topic.creation.'))
  return options['topic.creation.enable'] && isCreating ? ['producer', 'admin'] : ['producer']
}

function stateOf(name: string, definition: OptionDefinition, text: string | null): OptionState {
  return new ConfigDef({ [name]: definition }).validate({ [name]: text })[0]!
}

/** Null: the client has no such option. */
function definitionOf(client: Client, name: string): OptionDefinition | null {
  const options = kafkaClientOptions[client]
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) return null
  const [type, importance, byDefault] = option
  const documentation = `The ${client}'s ${name}, as Kafka documents it.`
  const required: OptionDefinition = { type, importance, documentation, displayName: name }
  if (byDefault === undefined) return required
  return { ...required, default: stateOf(name, required, byDefault).value }
}
