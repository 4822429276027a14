import type { MessagePort } from 'node:worker_threads'
import { bufferPool } from '../../api/buffer-pool.ts'
import { ConnectError } from '../../api/errors.ts'
import type { CallKind, Calls, Notice, PartitionTail } from './protocol.ts'
import { receiveError } from './sent-error.ts'

/** Told of what happens in the log without having asked. */
export interface LogListener {
  grown(tails: readonly PartitionTail[]): void
  topicsChanged(): void
  /** The log is gone: closed or dead. */
  ended(error: ConnectError): void
}

interface Pending {
  resolve(value: unknown): void
  reject(error: ConnectError): void
  readonly kind: CallKind
}

/** A client's end of the port to the owner thread: calls and their answers, and what the owner tells unasked. */
export class OwnerConnection {
  readonly #port: MessagePort
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<LogListener>()
  #lastId = 0
  #ended: ConnectError | null = null
  /** How many appends of this client failed, as far as it has heard. */
  failuresHeard = 0

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (notice: Notice) => this.#hear(notice))
    port.on('close', () => {
      this.#end(
        new ConnectError('log.owner-failed', 'The thread that owns the log died. Restart the worker.'),
      )
    })
  }

  get ended(): ConnectError | null {
    return this.#ended
  }

  listen(listener: LogListener): void {
    this.#listeners.add(listener)
  }

  unlisten(listener: LogListener): void {
    this.#listeners.delete(listener)
  }

  /** @param memory moves to the owner with this call, and from its answer into this thread's buffer pool */
  call<K extends CallKind>(
    kind: K,
    ask: Calls[K]['ask'],
    memory: ArrayBuffer[] = [],
  ): Promise<Calls[K]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#port.postMessage({ id, kind, ask }, memory)
      this.#pending.set(id, { resolve, reject, kind })
    })
  }

  /** Waits for what is under way; calls from now on are refused. */
  async close(): Promise<void> {
    if (this.#ended !== null) return
    const last = this.call('disconnect', null)
    this.#ended = closedError()
    await last.catch(() => undefined)
    this.#end(this.#ended)
    this.#port.close()
  }

  #hear(notice: Notice): void {
    switch (notice.kind) {
      case 'answer':
        notice.memory.forEach((memory) => bufferPool.give(memory))
        this.#take(notice.id)?.resolve(notice.value)
        return
      case 'error': {
        notice.memory.forEach((memory) => bufferPool.give(memory))
        const call = this.#take(notice.id)
        if (call?.kind === 'append') this.failuresHeard++
        call?.reject(receiveError(notice.error))
        return
      }
      case 'grown':
        for (const listener of this.#listeners) listener.grown(notice.tails)
        return
      case 'topics-changed':
        for (const listener of this.#listeners) listener.topicsChanged()
        return
      case 'closing':
        this.#end(closedError())
        return
    }
  }

  #take(id: number): Pending | undefined {
    const call = this.#pending.get(id)
    this.#pending.delete(id)
    return call
  }

  #end(error: ConnectError): void {
    this.#ended ??= error
    const calls = [...this.#pending.values()]
    this.#pending.clear()
    for (const call of calls) call.reject(this.#ended)
    for (const listener of this.#listeners) listener.ended(this.#ended)
  }
}

function closedError(): ConnectError {
  return new ConnectError('log.closed', 'The log is closed.')
}
