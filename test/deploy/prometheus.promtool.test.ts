import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../servers/free-port.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url))

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

test('the alerts fire when they should, and only then', () => {
  assert.match(promtool('test', 'rules', join(deploy, 'prometheus', 'alerts.test.yaml')), /SUCCESS/)
})

describe('a real Prometheus over a real worker', () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-prometheus-'))
  const servers = new AsyncDisposableStack()
  let worker: WorkerProcess
  let url: string
  before(async () => {
    worker = servers.use(await startWorker())
    const topic = {
      records: [
        { key: 'a', value: '{"v":' },
        { key: 'b', value: '{"v":1}' },
      ],
    }
    await worker.rest('PUT', '/topics/t')
    await worker.rest('POST', '/topics/t/records', topic)
    await worker.create('sink', {
      'connector.class': 'FileStreamSink',
      file: join(place, 'sink.txt'),
      topics: 't',
      'errors.tolerance': 'all',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    })
    await worker.create('source', {
      'connector.class': 'tailrace.DatagenSourceConnector',
      'kafka.topic': 'generated',
      quickstart: 'users',
      'max.interval': '10',
    })
    url = await startPrometheus(place, worker, servers)
  })
  after(async () => {
    await servers.disposeAsync()
    rmSync(place, { recursive: true, force: true })
  })

  const series = async (query: string): Promise<readonly { metric: Record<string, string> }[]> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
    const body = (await answer.json()) as { status: string; error?: string; data?: { result: never[] } }
    assert.equal(body.status, 'success', `${query}: ${body.error}`)
    return body.data!.result
  }

  test('has the numbers of connectors and tasks', async () => {
    await waitFor('a scrape', async () => (await series('up{job="tailrace"} == 1')).length === 1)
    await waitFor('records', async () => {
      return (await series('kafka_connect_source_task_source_record_write_total > 0')).length === 1
    })
    await waitFor('the skipped one', async () => {
      const skipped = await series('kafka_connect_task_error_total_records_skipped{connector="sink"} == 1')
      return skipped.length === 1
    })
  })

  test('takes the whole answer for valid, by the rules of names and units', async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text()
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    })
    // The names are Kafka Connect's and Debezium's; promtool would like others, and says so with status 3.
    assert.ok(status === 0 || status === 3, stdout + stderr)
    assert.doesNotMatch(stderr, /error while linting|text format parsing error/)
  })

  test('has loaded the alerts', async () => {
    const rules = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] }
    }
    const loaded = rules.data.groups.flatMap((group) => group.rules)
    assert.equal(loaded.length, 11)
    await waitFor('the alerts to be looked at', async () => {
      const now = (await (await fetch(`${url}/api/v1/rules`)).json()) as typeof rules
      return now.data.groups.every((group) => group.rules.every(({ health }) => health === 'ok'))
    })
  })

  test('can be asked all that the dashboard asks', async () => {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana', 'tailrace.json'), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[]
    }
    for (const { targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const query = expr
          .replaceAll('$__rate_interval', '1m')
          .replaceAll('$connector', '.*')
          .replaceAll('$instance', '.*')
        await series(query)
      }
    }
  })

  test('finds every metric that alerts and dashboard name in the documentation', () => {
    const used = ['grafana/tailrace.json', 'prometheus/alerts.yaml'].flatMap((file) =>
      [
        ...readFileSync(join(deploy, file), 'utf8').matchAll(
          /\b(?:kafka_connect|tailrace|debezium_metrics)_\w+/g,
        ),
      ].map(([name]) => name.replace(/_bucket$/, '')),
    )
    const page = readFileSync(join(deploy, '..', 'docs', 'metrics.md'), 'utf8')
    assert.deepEqual(
      [...new Set(used)].filter((name) => !page.includes(name) && !isInGroup(page, name)),
      [],
    )
  })
})

/** Whether a row of the page's tables of groups has the rest of the name behind the group's. */
function isInGroup(page: string, name: string): boolean {
  const rows = page.matchAll(/^\| `(kafka_connect_\w+_)` \| (.+)\|$/gm)
  return [...rows].some(
    ([, group = '', metrics = '']) =>
      name.startsWith(group) && new RegExp(`\\b${name.slice(group.length)}\\b`).test(metrics),
  )
}

/** Debian's Prometheus with the files of `deploy`, but for the address of the worker and how often it looks. */
async function startPrometheus(
  place: string,
  worker: WorkerProcess,
  servers: AsyncDisposableStack,
): Promise<string> {
  cpSync(join(deploy, 'prometheus'), place, { recursive: true })
  const file = join(place, 'prometheus.yaml')
  const config = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    config.replace('127.0.0.1:8083', new URL(worker.url).host).replaceAll(/(_interval): 15s/g, '$1: 1s'),
  )
  promtool('check', 'config', file)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(place, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithUs)
  servers.defer(async () => {
    process.off('exit', killWithUs)
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await waitFor('Prometheus to be ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`)
    return (await fetch(`${url}/-/ready`)).ok
  })
  return url
}
