import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { ConflictError, ConnectError, describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { FailedAppends } from './failed-appends.ts'
import type { NewTopic } from '../log.ts'
import type { LogStore, Write } from './log-store.ts'
import type { CopiedSegment, Memory, Notice, PartitionTail, Request } from './protocol.ts'
import { sendError } from './sent-error.ts'
import { partitionKey } from './watch-list.ts'

interface Client {
  readonly port: MessagePort
  readonly failedAppends: FailedAppends
  /** `partitionKey`s. */
  watched: ReadonlySet<string>
  isCopying: boolean
}

interface WaitingWrite {
  readonly client: Client
  readonly id: number
  readonly write: Write
  /** Of an append. */
  readonly failuresHeard: number
}

interface WaitingTopic {
  readonly client: Client
  readonly id: number
  readonly topic: NewTopic
}

/** What shares no commit with others. */
type Question = Exclude<Request, { kind: Write['kind'] | 'create-topic' }>

const NO_MEMORY: Memory = []

/**
 * Answers the clients of the log. Requests that arrive while a commit is being written wait in the ports; all of them
 * go into the next one. So an idle log commits a record at once, and a busy one shares two syncs among everybody.
 */
export class OwnerLoop {
  readonly #store: LogStore
  readonly #logger: TaskLogger
  readonly #clients = new Map<MessagePort, Client>()
  #waiting: WaitingWrite[] = []
  /** To be created before anything is written that waits. */
  #waitingTopics: WaitingTopic[] = []

  constructor(store: LogStore, logger: TaskLogger) {
    this.#store = store
    this.#logger = logger
  }

  connect(port: MessagePort): void {
    const client: Client = { port, failedAppends: new FailedAppends(), watched: new Set(), isCopying: false }
    this.#clients.set(port, client)
    port.on('close', () => this.#leave(client))
    port.on('message', (request: Request) => {
      this.#take(client, request)
      this.#takeAllThatWaits()
      this.#commit()
    })
  }

  applyRetention(nowMs: number): void {
    try {
      this.#store.applyRetention(nowMs)
    } catch (error) {
      // Tried again later; a full disk is told to those who append.
      this.#logger.warn({ error: describeError(error) }, 'Retention could not delete segments')
    }
  }

  /** Commits what has arrived and lets go of the clients and the files. */
  close(): void {
    this.#takeAllThatWaits()
    this.#commit()
    for (const { port } of this.#clients.values()) {
      send(port, { kind: 'closing' })
      port.close()
    }
    this.#store.close()
  }

  #takeAllThatWaits(): void {
    for (const client of this.#clients.values()) {
      for (let next = receiveMessageOnPort(client.port); next; next = receiveMessageOnPort(client.port)) {
        this.#take(client, next.message as Request)
      }
    }
  }

  #take(client: Client, request: Request): void {
    const { id } = request
    if (request.kind === 'append') {
      this.#waiting.push({ client, id, write: request, failuresHeard: request.ask.failuresHeard })
    } else if (request.kind === 'write-state' || request.kind === 'commit-offsets') {
      this.#waiting.push({ client, id, write: request, failuresHeard: 0 })
    } else if (request.kind === 'create-topic') {
      // What was written before was meant for the topics that were there.
      if (this.#waiting.length > 0) this.#commit()
      this.#waitingTopics.push({ client, id, topic: request.ask })
    } else {
      // Whoever asks sees what was written before.
      this.#commit()
      this.#answer(client, request)
    }
  }

  #answer(client: Client, request: Question): void {
    const { port } = client
    try {
      const value = this.#perform(client, request)
      send(port, { kind: 'answer', id: request.id, value, memory: NO_MEMORY })
    } catch (error) {
      this.#refuse({ client, id: request.id }, request.kind, error)
    }
    if (request.kind === 'disconnect') this.#leave(client)
  }

  #leave(client: Client): void {
    this.#clients.delete(client.port)
    this.#endCopy(client)
  }

  #beginCopy(client: Client, path: string): readonly CopiedSegment[] {
    if (client.isCopying) throw new ConflictError('log.backup-refused', 'This client copies the log already')
    const segments = this.#store.beginCopy(path)
    client.isCopying = true
    return segments
  }

  #endCopy(client: Client): void {
    if (client.isCopying) this.#store.endCopy()
    client.isCopying = false
  }

  #refuse(
    { client, id }: { readonly client: Client; readonly id: number },
    request: Request['kind'],
    error: unknown,
  ): void {
    if (!(error instanceof ConnectError)) {
      this.#logger.error({ request, error: describeError(error) }, 'The log could not answer')
    }
    send(client.port, { kind: 'error', id, error: sendError(error), memory: NO_MEMORY })
  }

  #perform(client: Client, request: Question): unknown {
    const store = this.#store
    switch (request.kind) {
      case 'delete-topic': {
        const existed = store.deleteTopic(request.ask)
        if (existed) this.#tellTopicsChanged()
        return existed
      }
      case 'delete-group':
        return store.deleteGroup(request.ask)
      case 'topics':
        return store.topics(request.ask)
      case 'group-offsets':
        return store.groupOffsets(request.ask)
      case 'read-state':
        return store.readState(request.ask)
      case 'locate':
        return store.locate(request.ask)
      case 'watch':
        client.watched = new Set(request.ask.map(partitionKey))
        return store.tails(request.ask)
      case 'begin-copy':
        return this.#beginCopy(client, request.ask)
      case 'end-copy':
        this.#endCopy(client)
        return null
      case 'disconnect':
        return null
    }
  }

  /** One commit for all topics that are to be created, and one for all who wrote. */
  #commit(): void {
    const topics = this.#waitingTopics
    if (topics.length > 0) {
      this.#waitingTopics = []
      this.#createTogether(topics)
    }
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.#commitTogether(waiting)
    if (this.#store.hasRolled) this.applyRetention(Date.now())
  }

  #createTogether(waiting: readonly WaitingTopic[]): void {
    try {
      const outcomes = this.#store.createTopics(waiting.map(({ topic }) => topic))
      if (outcomes.includes('created')) this.#tellTopicsChanged()
      for (const [index, { client, id }] of waiting.entries()) {
        send(client.port, { kind: 'answer', id, value: outcomes[index], memory: NO_MEMORY })
      }
    } catch (error) {
      // One of them may be to blame: each for itself.
      if (waiting.length > 1) for (const one of waiting) this.#createTogether([one])
      else this.#refuse(waiting[0]!, 'create-topic', error)
    }
  }

  #commitTogether(waiting: readonly WaitingWrite[]): void {
    const writes = waiting.filter((one) => !this.#mustFail(one))
    if (writes.length === 0) return
    try {
      const { baseOffsets, grown } = this.#store.commit(writes.map(({ write }) => write))
      this.#tellGrown(grown)
      for (const [index, { client, id, write }] of writes.entries()) {
        const value = write.kind === 'append' ? { baseOffsets: baseOffsets[index]! } : null
        answerWrite(client.port, { kind: 'answer', id, value, memory: memoryOf(write) })
      }
    } catch (error) {
      // One of them may be to blame, or they are too much for the disk together: each for itself.
      if (writes.length > 1) for (const one of writes) this.#commitTogether([one])
      else this.#fail(writes[0]!, error)
    }
  }

  /** Refuses an append that a failed one of the same client should have preceded. */
  #mustFail(one: WaitingWrite): boolean {
    if (one.write.kind !== 'append') return false
    const error = one.client.failedAppends.before(one.write.ask, one.failuresHeard)
    if (error !== null) this.#fail(one, error)
    return error !== null
  }

  #fail({ client, id, write }: WaitingWrite, error: unknown): void {
    if (write.kind === 'append') client.failedAppends.add(write.ask, error)
    answerWrite(client.port, { kind: 'error', id, error: sendError(error), memory: memoryOf(write) })
  }

  #tellGrown(grown: readonly PartitionTail[]): void {
    if (grown.length === 0) return
    for (const { port, watched } of this.#clients.values()) {
      const tails = grown.filter((tail) => watched.has(partitionKey(tail)))
      if (tails.length > 0) send(port, { kind: 'grown', tails })
    }
  }

  #tellTopicsChanged(): void {
    for (const { port } of this.#clients.values()) send(port, { kind: 'topics-changed' })
  }
}

function send(port: MessagePort, notice: Notice): void {
  port.postMessage(notice)
}

function answerWrite(port: MessagePort, notice: Extract<Notice, { memory: Memory }>): void {
  port.postMessage(notice, notice.memory as ArrayBuffer[])
}

function memoryOf(write: Write): Memory {
  if (write.kind !== 'append') return NO_MEMORY
  return write.ask.batches.map(({ batch }) => batch.buffer as ArrayBuffer)
}
