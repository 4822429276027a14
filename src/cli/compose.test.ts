import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pino from 'pino'
import { startWorker } from './compose.ts'

const logger = pino({ enabled: false })

test('a worker does not open an API without a login to the network, unless it is told to', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-compose-'))
  const properties = { listeners: 'http://:0', 'data.dir': dataDir }
  try {
    const onNetwork = { ...properties, listeners: 'http://0.0.0.0:0' }
    await assert.rejects(startWorker({ properties: onNetwork, version: '1', logger }), {
      name: 'ConfigError',
      code: 'rest.unprotected',
      message: /--allow-unprotected/,
    })
    // Without a host it starts, as the files and environments of other workers expect, for this machine.
    const local = await startWorker({ properties, version: '1', logger })
    await local.close()
    assert.equal(local.isOnNetwork, false)
    for (const more of [{ 'rest.allow.unprotected': 'true' }, { 'rest.auth.bearer.token': 'x' }]) {
      const worker = await startWorker({ properties: { ...properties, ...more }, version: '1', logger })
      const { status } = await fetch(`${worker.url}/connectors`)
      await worker.close()
      assert.equal(worker.isOnNetwork, true)
      assert.equal(status, 'rest.auth.bearer.token' in more ? 401 : 200)
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
