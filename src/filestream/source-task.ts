import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectorConfig } from '../api/config-def.ts'
import type { JsonObject, SourceRecord } from '../api/record.ts'
import { primitiveSchema } from '../api/schema.ts'
import type { SourceBatch, SourceTask, SourceTaskContext } from '../api/source-task.ts'
import { FileLines } from './file-lines.ts'
import type { LineSource } from './line-source.ts'
import { fileSourceConfigDef } from './source-connector.ts'
import { StandardInput } from './standard-input.ts'

/** How long to wait before a file is looked at again. */
const PAUSE_MS = 200

const lineSchema = primitiveSchema('string')

/** Reads lines; its offset `{"position"}` is the byte behind the last one. */
export class FileStreamSourceTask implements SourceTask {
  #config = fileSourceConfigDef.parse({ topic: 't' })
  #signal: AbortSignal = new AbortController().signal
  #source: LineSource | null = null

  async start(config: ConnectorConfig, context: SourceTaskContext): Promise<void> {
    this.#config = fileSourceConfigDef.parse(config)
    this.#signal = context.signal
    const file = this.#file
    if (file === null) {
      this.#source = new StandardInput()
      return
    }
    const position = Number((await context.offset(this.#partition))?.['position'] ?? 0)
    this.#source = new FileLines(file, position, context.log)
  }

  async poll(): Promise<SourceBatch | null> {
    const { topic, 'batch.size': most } = this.#config
    const lines = (await this.#source?.read(Math.max(1, most))) ?? null
    if (lines === null) {
      await delay(PAUSE_MS, undefined, { signal: this.#signal }).catch(() => {})
      return null
    }
    const timestamp = Date.now()
    const records = lines.texts.map((text): SourceRecord => ({
      topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: lineSchema,
      value: text,
      timestamp,
      headers: [],
    }))
    const position = this.#file === null ? null : lines.end
    return {
      parts: records.length === 0 ? [] : [{ kind: 'records', records }],
      partition: this.#partition,
      offset: { position },
    }
  }

  commit(): void {}

  async stop(): Promise<void> {
    const source = this.#source
    this.#source = null
    await source?.close()
  }

  get #file(): string | null {
    return this.#config.file === '' ? null : this.#config.file
  }

  get #partition(): JsonObject {
    return { filename: this.#file }
  }
}
