import { describeError } from '../../api/errors.ts'
import type { TaskLogger, TopicRecord, TopicSource } from '../../api/source-task.ts'
import { parseSignal, type Signal } from './signal.ts'
import type { SignalChannel } from './signal-channel.ts'

/** Signals in a topic: the key names the connector by its `topic.prefix`, the value is a JSON object. */
export class TopicSignals implements SignalChannel {
  readonly name = 'kafka'
  readonly #source: TopicSource
  readonly #key: string
  readonly #log: TaskLogger

  constructor(source: TopicSource, key: string, log: TaskLogger) {
    this.#source = source
    this.#key = key
    this.#log = log
  }

  async read(): Promise<readonly Signal[]> {
    const records = await this.#source.read()
    return records.flatMap((record) => this.#signals(record))
  }

  done(): Promise<void> {
    return this.#source.commit()
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  #signals({ key, value, offset }: TopicRecord): readonly Signal[] {
    const given = key?.toString() ?? null
    if (given !== this.#key) {
      this.#log.info({ key: given, expected: this.#key, offset }, 'a signal for another connector is skipped')
      return []
    }
    if (value === null || value.length === 0) return []
    try {
      return [parseSignal(value.toString())]
    } catch (error) {
      this.#log.warn(
        { offset, problem: describeError(error) },
        'a record of the signal topic is no signal: it is skipped',
      )
      return []
    }
  }
}
