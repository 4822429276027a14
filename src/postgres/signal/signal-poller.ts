import type { JsonObject } from '../../api/record.ts'
import type { SourceSession } from '../source-session.ts'
import type { SignalChannel } from './signal-channel.ts'
import type { Signal } from './signal.ts'

/**
 * Asks channels for signals every `signal.poll.interval.ms`. A channel is told that its signals are done once an offset
 * that was taken after them is durable: a crash in between brings them again.
 */
export class SignalPoller {
  readonly #session: SourceSession
  readonly #process: (signal: Signal) => Promise<void>
  #channels: readonly SignalChannel[] = []
  #timer: NodeJS.Timeout | null = null
  #isPolling = false
  #isClosed = false
  readonly #unprocessed = new Map<SignalChannel, Signal[]>()
  /** Channels whose signals no offset has yet, then those whose offset is on its way. */
  #processed: SignalChannel[] = []
  #taken: { readonly offset: JsonObject; readonly channels: readonly SignalChannel[] }[] = []

  constructor(session: SourceSession, process: (signal: Signal) => Promise<void>) {
    this.#session = session
    this.#process = process
  }

  start(channels: readonly SignalChannel[]): void {
    this.#channels = channels
    if (this.#isClosed) return this.#closeChannels()
    if (channels.length === 0) return
    this.#timer = setInterval(() => void this.#poll(), this.#session.options.signals.pollIntervalMs)
    this.#timer.unref()
    void this.#poll()
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#closeChannels()
  }

  taken(offset: JsonObject): void {
    if (this.#processed.length === 0) return
    this.#taken.push({ offset, channels: this.#processed })
    this.#processed = []
  }

  durable(offset: JsonObject): void {
    const place = this.#taken.findIndex((taken) => taken.offset === offset)
    if (place < 0) return
    const done = this.#taken.splice(0, place + 1).flatMap(({ channels }) => channels)
    for (const channel of new Set(done)) {
      channel.done().catch((error: unknown) => this.#failed(channel, error))
    }
  }

  async #poll(): Promise<void> {
    if (this.#isPolling || this.#isClosed) return
    this.#isPolling = true
    for (const channel of this.#channels) {
      try {
        const signals = this.#unprocessed.get(channel) ?? [...(await channel.read())]
        if (signals.length === 0) continue
        // One that fails, for want of a connection, comes again with the next round.
        this.#unprocessed.set(channel, signals)
        for (; signals[0] !== undefined; signals.shift()) await this.#process(signals[0])
        this.#unprocessed.delete(channel)
        this.#processed.push(channel)
      } catch (error) {
        this.#failed(channel, error)
      }
    }
    this.#isPolling = false
  }

  #failed(channel: SignalChannel, error: unknown): void {
    if (this.#isClosed) return
    this.#session.context.log.warn(
      { channel: channel.name, err: error },
      'a signal channel cannot be read, it is tried again',
    )
  }

  #closeChannels(): void {
    for (const channel of this.#channels) channel.close().catch(() => {})
  }
}
