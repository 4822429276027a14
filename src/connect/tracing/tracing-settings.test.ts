import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWorkerConfig } from '../config/worker-config.ts'
import { tracingSettings } from './tracing-settings.ts'

type Environment = Record<string, string>
const settings = (properties: Record<string, string>, environment: Environment = {}) =>
  tracingSettings(parseWorkerConfig(properties), environment)
const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

test('nothing is traced unless somebody asks for it', () => {
  assert.equal(settings({}), null)
  assert.equal(settings({ 'otel.service.name': 'a' }, { OTEL_SERVICE_NAME: 'b' }), null)
  assert.equal(settings({}, { OTEL_TRACES_EXPORTER: 'none', ...COLLECTOR }), null)
  assert.equal(settings({}, { OTEL_TRACES_EXPORTER: 'console', ...COLLECTOR }), null)
  assert.equal(settings({}, { OTEL_SDK_DISABLED: 'TRUE', ...COLLECTOR }), null)
})

test("the standard's variables ask for it, and say the rest themselves", () => {
  const asTheEnvironmentSays = { url: null, headers: null, serviceName: null, share: 1 }
  assert.deepEqual(settings({}, COLLECTOR), asTheEnvironmentSays)
  assert.deepEqual(settings({}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/t' }), asTheEnvironmentSays)
  assert.deepEqual(settings({}, { OTEL_TRACES_EXPORTER: 'console, otlp' }), asTheEnvironmentSays)
  assert.equal(settings({}, { ...COLLECTOR, OTEL_SERVICE_NAME: 'orders' })?.serviceName, 'orders')
})

test('the sampler is read as the standard has it, and what cannot be read is as if it were not there', () => {
  const share = (sampler: string, argument = '') =>
    settings({}, { ...COLLECTOR, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument })?.share
  assert.equal(share('always_on', '0.1'), 1)
  assert.equal(share('parentbased_always_off'), 0)
  assert.equal(share('traceidratio', '0.25'), 0.25)
  assert.equal(share('parentbased_traceidratio', '0.5'), 0.5)
  assert.equal(share('traceidratio', 'much'), 1)
  assert.equal(share('traceidratio', '7'), 1)
})

test('a protocol that is not there is refused by name, not taken in silence', () => {
  const grpc = { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
  assert.throws(
    () => settings({}, grpc),
    /^ConfigError: OTEL_EXPORTER_OTLP_PROTOCOL=grpc: .* OTLP over HTTP alone/,
  )
  const traces = { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }
  assert.throws(() => settings({}, traces), /OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc/)
  assert.notEqual(settings({}, { ...grpc, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }), null)
  assert.notEqual(settings({}, { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }), null)
  // Nothing is traced, or the worker's own property says where to: it is for others.
  assert.equal(settings({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), null)
  assert.notEqual(settings({ 'otel.exporter.otlp.endpoint': 'http://c:4318' }, grpc), null)
})

test('properties come before the environment', () => {
  const properties = {
    'otel.exporter.otlp.endpoint': 'https://traces.example/otlp/',
    'otel.exporter.otlp.headers': 'authorization=Basic YTpi==, x = 1',
    'otel.service.name': 'mine',
    'otel.traces.sampler.arg': '0.01',
  }
  assert.deepEqual(settings(properties, { ...COLLECTOR, OTEL_SERVICE_NAME: 'other' }), {
    url: 'https://traces.example/otlp/v1/traces',
    headers: { authorization: 'Basic YTpi==', x: '1' },
    serviceName: 'mine',
    share: 0.01,
  })
})

test('what cannot be is refused by name, without the secret', () => {
  assert.throws(
    () => parseWorkerConfig({ 'otel.exporter.otlp.endpoint': 'collector:4317' }),
    /otel\.exporter\.otlp\.endpoint: Must be the http or https address of an OpenTelemetry collector/,
  )
  assert.throws(
    () => parseWorkerConfig({ 'otel.traces.sampler.arg': '2' }),
    /otel\.traces\.sampler\.arg: Value must be no more than 1/,
  )
  assert.throws(
    () => parseWorkerConfig({ 'otel.exporter.otlp.headers': 'Bearer s3cret' }),
    ({ message }: Error) => message.includes('NAME=VALUE') && !message.includes('s3cret'),
  )
})
