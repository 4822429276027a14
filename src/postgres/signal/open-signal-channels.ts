import type { SourceSession } from '../source-session.ts'
import { FileSignals } from './file-signals.ts'
import type { SignalChannel } from './signal-channel.ts'
import { TopicSignals } from './topic-signals.ts'

/** The channels besides the stream that a configuration names. */
export async function openSignalChannels({ options, context }: SourceSession): Promise<SignalChannel[]> {
  const { channels, file, kafka } = options.signals
  const opened: SignalChannel[] = []
  if (channels.has('jmx') || channels.has('in-process')) {
    context.log.warn(
      { channels: ['jmx', 'in-process'].filter((name) => channels.has(name)) },
      'a signal channel of the JVM has no effect here',
    )
  }
  if (channels.has('file')) opened.push(new FileSignals(file, context.log))
  if (channels.has('kafka') && context.openTopic !== undefined) {
    const { topic, groupId, bootstrapServers, consumer } = kafka
    const source = await context.openTopic({
      topic,
      // The offsets of one connector must not move another's.
      group: consumer['group.id'] ?? groupId,
      cluster: bootstrapServers === null ? null : { ...consumer, 'bootstrap.servers': bootstrapServers },
    })
    opened.push(new TopicSignals(source, options.topicPrefix, context.log))
    context.log.info({ topic }, 'signals are read from a topic')
  }
  return opened
}
