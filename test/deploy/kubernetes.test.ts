import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { parseWorkerConfig } from '../../src/connect/config/worker-config.ts'
import { ignoredProperties } from '../../src/connect/config/worker-check.ts'
import { propertiesFromEnvironment } from '../../src/connect/config/worker-properties.ts'
import { startWorker } from '../servers/worker.ts'

interface Container {
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly selector: object
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[]
        readonly securityContext: object
        readonly volumes: readonly { readonly name: string }[]
      }
    }
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
  }
}

const text = readFileSync(new URL('../../deploy/kubernetes/tailrace.yaml', import.meta.url), 'utf8')
const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest)
const set = manifests.find(({ kind }) => kind === 'StatefulSet')!
const { template, volumeClaimTemplates } = set.spec
const container = template.spec.containers[0]!

describe('deploy/kubernetes/tailrace.yaml', () => {
  test('has a secret, a service and a set that belong together', () => {
    assert.deepEqual(
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Secret tailrace', 'Service tailrace', 'StatefulSet tailrace'],
    )
    assert.deepEqual(manifests[1]!.spec.selector, { 'app.kubernetes.io/name': 'tailrace' })
  })

  test('gives the worker properties that it knows, and volumes that are there', () => {
    const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
    const properties = propertiesFromEnvironment(environment)
    assert.deepEqual(ignoredProperties(parseWorkerConfig(properties)), [])
    assert.equal(properties['data.dir'], '/var/lib/tailrace')
    const volumes = [
      ...template.spec.volumes.map(({ name }) => name),
      ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ]
    for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name)
  })

  test('runs as nobody in particular, on a filesystem that it cannot change', () => {
    assert.partialDeepStrictEqual(template.spec.securityContext, { runAsNonRoot: true })
    assert.partialDeepStrictEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  test('probes what the worker answers', async () => {
    await using worker = await startWorker()
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      assert.equal((await worker.rest('GET', probe.httpGet.path)).status, 200, probe.httpGet.path)
      assert.ok(container.ports.some(({ name }) => name === probe.httpGet.port))
    }
  })
})
