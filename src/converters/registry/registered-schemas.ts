import { ConnectError, DataError } from '../../api/errors.ts'
import type { Schema } from '../../api/schema.ts'
import type { RegistryClient, StoredSchema } from './registry-client.ts'
import type { RegistryConfig } from './registry-connection.ts'
import type {
  DescribedSchema,
  PayloadRead,
  PayloadWrite,
  ResolvedSchema,
  SchemaFormat,
} from './schema-format.ts'
import { subjectName } from './subject-name.ts'

/** The schema that a topic's data is written with. */
export interface WriteTarget {
  readonly id: number
  readonly write: PayloadWrite
  readonly expiresAtMs: number
}

interface KnownSchema {
  readonly described: DescribedSchema
  /** By topic. */
  readonly targets: Map<string, WriteTarget>
}

/** More schemas that build upon each other than anyone writes. */
const MOST_REFERENCES = 1000

/** What a converter knows of the registry: asked once for each schema, and kept. */
export class RegisteredSchemas {
  readonly #client: RegistryClient
  readonly #format: SchemaFormat
  readonly #config: RegistryConfig
  readonly #role: 'key' | 'value'
  readonly #mostKept: number
  readonly #known = new WeakMap<Schema, KnownSchema>()
  #schemaless: KnownSchema | null = null
  /** By subject and text, for schemas that are equal but not the same. */
  readonly #ids = new Map<string, number>()
  /** By topic, then by id. */
  readonly #reads = new Map<string, Map<number, PayloadRead>>()

  constructor(parts: {
    readonly client: RegistryClient
    readonly format: SchemaFormat
    readonly config: RegistryConfig
    readonly role: 'key' | 'value'
  }) {
    this.#client = parts.client
    this.#format = parts.format
    this.#config = parts.config
    this.#role = parts.role
    this.#mostKept = Math.max(1000, parts.config['schemas.cache.config'])
  }

  /** Null where the registry has to be asked first: `prepareTarget`. Throws `DataError`. */
  target(topic: string, schema: Schema | null): WriteTarget | null {
    const target = this.#knownSchema(schema).targets.get(topic)
    return target === undefined || performance.now() >= target.expiresAtMs ? null : target
  }

  async prepareTarget(topic: string, schema: Schema | null): Promise<void> {
    const { described, targets } = this.#knownSchema(schema)
    const target = await this.#findTarget(topic, described)
    if (targets.size >= this.#mostKept) targets.clear()
    targets.set(topic, target)
  }

  read(topic: string, id: number): PayloadRead | null {
    return this.#reads.get(topic)?.get(id) ?? null
  }

  async prepareRead(topic: string, id: number): Promise<void> {
    const strategy = this.#config[`${this.#role}.subject.name.strategy`]
    // The record's name is in the schema, so a subject that is named after it is not known yet.
    const early = strategy.endsWith('.TopicNameStrategy')
      ? subjectName(strategy, topic, { role: this.#role, recordName: null })
      : null
    const stored = await this.#resolve(await this.#client.byId(id, early))
    if (stored.type !== this.#format.type) {
      throw new DataError(
        'connect.data-invalid',
        `Schema ${id} is of type ${stored.type}, not ${this.#format.type}: choose the converter for ${stored.type}`,
      )
    }
    const recordName = this.#format.recordName(stored)
    const subject = early ?? subjectName(strategy, topic, { role: this.#role, recordName })
    const read = this.#format.reader(stored, await this.#versionOf(subject, stored))
    let ofTopic = this.#reads.get(topic)
    if (ofTopic === undefined) this.#reads.set(topic, (ofTopic = new Map()))
    if (ofTopic.size >= this.#mostKept) ofTopic.delete(ofTopic.keys().next().value!)
    ofTopic.set(id, read)
  }

  #knownSchema(schema: Schema | null): KnownSchema {
    const known = schema === null ? this.#schemaless : this.#known.get(schema)
    if (known !== null && known !== undefined) return known
    const made = { described: this.#format.describe(schema), targets: new Map<string, WriteTarget>() }
    if (schema === null) this.#schemaless = made
    else this.#known.set(schema, made)
    return made
  }

  async #findTarget(topic: string, described: DescribedSchema): Promise<WriteTarget> {
    const config = this.#config
    const strategy = config[`${this.#role}.subject.name.strategy`]
    const { recordName, text, references } = described
    const subject = subjectName(strategy, topic, { role: this.#role, recordName })
    const own: StoredSchema = { text, references, type: this.#format.type }
    const normalize = config['normalize.schemas']
    const forever = { expiresAtMs: Infinity }
    if (config['auto.register.schemas']) {
      const id = await this.#idOf(subject, text, () => this.#client.register(subject, own, normalize))
      return { id, write: described.write, ...forever }
    }
    if (config['use.schema.id'] >= 0) {
      const id = config['use.schema.id']
      const stored = await this.#resolve(await this.#client.byId(id, subject))
      return { id, write: described.writeWith(stored, config['id.compatibility.strict']), ...forever }
    }
    if (config['use.latest.version']) {
      const latest = await this.#client.byVersion(subject, 'latest')
      const stored = await this.#resolve(latest)
      const ttlMs = config['latest.cache.ttl.sec'] * 1000
      return {
        id: latest.id,
        write: described.writeWith(stored, config['latest.compatibility.strict']),
        expiresAtMs: ttlMs < 0 ? Infinity : performance.now() + ttlMs,
      }
    }
    const id = await this.#idOf(
      subject,
      text,
      async () => (await this.#client.lookUp(subject, own, { normalize, deleted: false })).id,
    )
    return { id, write: described.write, ...forever }
  }

  async #idOf(subject: string, text: string, ask: () => Promise<number>): Promise<number> {
    const key = `${subject}\n${text}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = await ask()
    if (this.#ids.size >= this.#mostKept) this.#ids.delete(this.#ids.keys().next().value!)
    this.#ids.set(key, id)
    return id
  }

  /** Null where the schema is not registered under the subject: then only its version is not known. */
  async #versionOf(subject: string, stored: StoredSchema): Promise<number | null> {
    try {
      return (await this.#client.lookUp(subject, stored, { normalize: false, deleted: true })).version
    } catch (error) {
      if (error instanceof ConnectError && error.code === 'registry.schema-unknown') return null
      throw error
    }
  }

  async #resolve(stored: StoredSchema): Promise<ResolvedSchema> {
    const referenced = new Map<string, string>()
    const visit = async (schema: StoredSchema): Promise<void> => {
      for (const { name, subject, version } of schema.references) {
        if (referenced.has(name)) continue
        if (referenced.size >= MOST_REFERENCES) {
          throw new DataError('registry.schema-unsupported', 'The schema refers to too many others')
        }
        const other = await this.#client.byVersion(subject, version)
        await visit(other)
        referenced.set(name, other.text)
      }
    }
    await visit(stored)
    return { ...stored, referenced }
  }
}
