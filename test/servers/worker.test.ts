import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canaryPassword } from './canary.ts'
import { startWorker, type WorkerProcess } from './worker.ts'

const PASSWORD = canaryPassword('somebody')

/** What a worker shows on purpose, were it a password; and what then fails. */
const SHOWN: readonly (readonly [
  where: string,
  show: (worker: WorkerProcess) => Promise<unknown>,
  RegExp,
])[] = [
  [
    'an answer',
    (worker) => worker.rest('GET', `/connectors/${PASSWORD}/status`),
    /in the answer 404 to GET \/connectors\//,
  ],
  [
    'the metrics',
    async (worker) => {
      await postConnector(worker)
      await worker.terminate()
    },
    /in the answer 200 to GET \/metrics/,
  ],
  [
    'the log',
    async (worker) => {
      await postConnector(worker)
      await worker.hasWritten(new RegExp(PASSWORD))
      await worker.terminate()
    },
    /in the worker's output/,
  ],
  [
    'a topic',
    async (worker) => {
      await worker.rest('PUT', '/topics/t')
      await worker.rest('POST', '/topics/t/records', { records: [{ value: PASSWORD }] })
      await worker[Symbol.asyncDispose]()
    },
    /in topics\/t\./,
  ],
]

for (const [where, show, message] of SHOWN) {
  test(`a password in ${where} of a worker fails the test that has started it`, async () => {
    const worker = await startWorker({ env: where === 'the log' ? {} : { TAILRACE_LOG_LEVEL: 'silent' } })
    try {
      await assert.rejects(show(worker), message)
    } finally {
      await worker[Symbol.asyncDispose]().catch(() => {})
    }
  })
}

/** Its task fails, which the worker logs. Not by `worker.rest`, which would not let the name pass. */
async function postConnector(worker: WorkerProcess): Promise<void> {
  const config = { 'connector.class': 'FileStreamSink', topics: 't', file: '/nonexistent/file' }
  const answer = await fetch(`${worker.url}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: PASSWORD, config }),
  })
  assert.equal(answer.status, 201)
}
