import { writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { ConnectorConfig } from '../api/config-def.ts'
import { RetriableError } from '../api/errors.ts'
import { javaText } from '../api/java/java-text.ts'
import { sinkRecords } from '../api/sink-records.ts'
import type { SinkBatch, SinkTask, SinkTaskContext, TopicPartitionOffset } from '../api/sink-task.ts'
import { fileSinkConfigDef } from './sink-connector.ts'

const STDOUT = 1

/** Appends lines. What `preCommit` answers for is on the disk. */
export class FileStreamSinkTask implements SinkTask {
  #path = ''
  #context: SinkTaskContext | null = null
  #file: FileHandle | null = null
  #isSynced = true

  async start(config: ConnectorConfig, context: SinkTaskContext): Promise<void> {
    this.#path = fileSinkConfigDef.parse(config).file ?? ''
    this.#context = context
    if (this.#path === '') return
    this.#file = await this.#guarded(() => open(this.#path, 'a'))
  }

  async put(batches: readonly SinkBatch[]): Promise<void> {
    const text = batches.flatMap(linesOf).join('')
    if (text === '') return
    if (this.#file === null) writeSync(STDOUT, text)
    else await this.#guarded(() => this.#file!.appendFile(text))
    this.#isSynced = false
    this.#context!.requestCommit()
  }

  async preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    if (!this.#isSynced && this.#file !== null) await this.#guarded(() => this.#file!.datasync())
    this.#isSynced = true
    return positions
  }

  async stop(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw new RetriableError('filestream.unwritable', `${this.#path} (option file) cannot be written`, {
        cause,
      })
    }
  }
}

function linesOf(batch: SinkBatch): string[] {
  return sinkRecords(batch).map(({ valueSchema, value }) => `${javaText(valueSchema, value)}\n`)
}
