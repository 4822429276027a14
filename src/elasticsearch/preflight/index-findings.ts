import type { ConnectorConfig } from '../../api/config-def.ts'
import { fail, ok, warn, type CapturedTopic, type Finding } from '../../api/preflight.ts'
import type { ServerAnswers } from './server-answers.ts'
import { targetsOf } from './target-names.ts'

interface Field {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Field>>
}

type Answers<T> = Readonly<Record<string, T>>
interface Mappings {
  readonly mappings: { readonly dynamic?: unknown; readonly properties?: Readonly<Record<string, Field>> }
}
interface Settings {
  readonly settings: Readonly<Record<string, string>>
}

const DEFAULT_FIELD_LIMIT = 1000
/** Of the limit: beyond it the next columns may be refused. */
const NEARLY = 0.9
const NUMBER = 'long|integer|short|byte|double|float|half_float|scaled_float|unsigned_long'
const STRUCTURES = 'object|nested|flattened|flat_object|geo_point|geo_shape|dense_vector|binary'
/** Fields that no JSON value of a kind fits. Numbers and dates may stand in texts. */
const MISFITS = {
  number: new RegExp(`^(?:boolean|ip|${STRUCTURES})$`),
  boolean: new RegExp(`^(?:${NUMBER}|date|ip|${STRUCTURES})$`),
  text: new RegExp(`^(?:${STRUCTURES})$`),
} as const

/** Indices that exist already: blocks, limits, and fields that the tables' columns do not fit. */
export async function lookAtIndices(
  server: ServerAnswers,
  config: ConnectorConfig,
  topics: readonly CapturedTopic[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [index, topic] of targetsOf(config)) {
    const path = `/${encodeURIComponent(index)}`
    const [settings, mappings] = await Promise.all([
      server.get<Answers<Settings>>(`${path}/_settings?flat_settings=true`),
      server.get<Answers<Mappings>>(`${path}/_mapping`),
    ])
    const own = Object.values(settings ?? {})[0]
    const mapping = Object.values(mappings ?? {})[0]?.mappings
    if (own === undefined || mapping === undefined) {
      findings.push(ok(`index ${index}`, `the sink creates the index ${index}`))
      continue
    }
    const columns = topics.find((one) => one.topic === topic)?.columns ?? []
    const problems = [
      ...blockFindings(index, own.settings),
      ...limitFindings(index, own.settings, mapping.properties),
      ...strictFindings(index, mapping, columns),
      ...conflictFindings(index, mapping.properties, columns),
    ]
    findings.push(
      ...(problems.length > 0
        ? problems
        : [ok(`index ${index}`, `the index ${index} takes what is captured`)]),
    )
  }
  return findings
}

function blockFindings(index: string, settings: Readonly<Record<string, string>>): Finding[] {
  return ['write', 'read_only', 'read_only_allow_delete']
    .map((block) => `index.blocks.${block}`)
    .filter((name) => settings[name] === 'true')
    .map((name) =>
      fail(`index ${index}`, `the index takes no documents: ${name} is true`, {
        where: 'request',
        apply: `PUT /${index}/_settings {"${name}":null}`,
      }),
    )
}

function limitFindings(
  index: string,
  settings: Readonly<Record<string, string>>,
  properties: Mappings['mappings']['properties'],
): Finding[] {
  const limit = Number(settings['index.mapping.total_fields.limit'] ?? DEFAULT_FIELD_LIMIT)
  const count = fieldCount(properties)
  if (count < limit * NEARLY) return []
  return [
    warn(
      `index ${index}`,
      `the index has ${count} of at most ${limit} fields: documents with new ones are refused`,
      {
        where: 'request',
        apply: `PUT /${index}/_settings {"index.mapping.total_fields.limit":${Math.max(limit, count) * 2}}`,
      },
    ),
  ]
}

function fieldCount(properties: Mappings['mappings']['properties']): number {
  return Object.values(properties ?? {}).reduce((sum, field) => sum + 1 + fieldCount(field.properties), 0)
}

function strictFindings(
  index: string,
  { dynamic, properties }: Mappings['mappings'],
  columns: CapturedTopic['columns'],
): Finding[] {
  if (String(dynamic) !== 'strict') return []
  const missing = columns.filter(({ name }) => properties?.[name] === undefined).map(({ name }) => name)
  if (missing.length === 0) return []
  return [
    fail(`index ${index}`, `its mapping is strict and has no field for: ${missing.join(', ')}`, {
      where: 'request',
      apply: `PUT /${index}/_mapping {"dynamic":true}`,
    }),
  ]
}

function conflictFindings(
  index: string,
  properties: Mappings['mappings']['properties'],
  columns: CapturedTopic['columns'],
): Finding[] {
  return columns.flatMap(({ name, kind }) => {
    const field = properties?.[name]
    const type = field === undefined ? undefined : (field.type ?? 'object')
    if (kind === null || type === undefined || !MISFITS[kind].test(type)) return []
    return [
      fail(`index ${index}`, `the column ${name} is a ${kind}, and its field is mapped as ${type}`, {
        where: 'connector',
        apply: 'index.name.format=${topic}-2',
      }),
    ]
  })
}
