import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { inventoryConnector, sinkConnector } from '../e2e/walk-through.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { violations } from './accessibility.ts'
import { openContext, startBrowser } from './browser.ts'

describe('the overview of the console', async () => {
  const [postgres, search, worker, browser] = await Promise.all([
    startPostgres(),
    startSearch(),
    startWorker(),
    startBrowser(),
  ])
  after(async () => {
    await browser.close()
    await worker[Symbol.asyncDispose]()
    await search.stop()
    await postgres.stop()
  })
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

  it('shows connectors with their states and numbers as they come, in both languages, themes and at 360 px', async () => {
    await postgres.query('CREATE DATABASE exampledb')
    const sql = (text: string) => postgres.query(text, 'exampledb')
    await sql('CREATE TABLE test_table (id SERIAL PRIMARY KEY, name text)')
    const { context, complaints } = await openContext(browser)
    const page = await context.newPage()
    let bytes = 0
    page.on('response', (response) => {
      if (response.url().includes('/console/')) bytes += Number(response.headers()['content-length'] ?? 0)
    })
    await page.goto(`${worker.url}/console`)
    await heading(page, 'Overview').waitFor()
    await page.getByText('No connectors yet').waitFor()
    const [source, sink] = [inventoryConnector(postgres), sinkConnector(search.url)]
    await worker.create(source.name, source.config)
    await worker.create(sink.name, sink.config)
    const row = page.getByRole('row', { name: sink.name })
    await row.getByText('Running').waitFor()
    // Again and again: what is captured just now is shown for a moment only.
    await waitFor('the throughput', async () => {
      await sql("INSERT INTO test_table (name) SELECT 'row ' || i FROM generate_series(1, 700) i")
      const chart = page.getByRole('img', { name: /^Throughput, now [1-9]\d* records a second captured/ })
      await chart.waitFor({ timeout: 5_000 })
      return true
    })
    await worker.rest('PUT', `/connectors/${sink.name}/pause`)
    await row.getByText('Paused').waitFor()
    assert.deepEqual(await violations(page), [])

    await page.getByRole('button', { name: 'Dark colours' }).click()
    await page.getByRole('button', { name: '한국어' }).click()
    await heading(page, '개요').waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    assert.deepEqual(await violations(page), [])
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
    assert.equal(overflow, 0, 'nothing sticks out at 360 px')
    assert.ok(bytes > 50_000 && bytes < 300_000, `the console weighs ${bytes} bytes`)
    assert.deepEqual(complaints, [])
    await context.close()
  })
})
