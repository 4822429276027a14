import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { BrowserContext, Page, Request } from 'playwright-core'
import { startKafka, workersOnKafka } from '../servers/kafka.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startTcpProxy } from '../servers/tcp-proxy.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { violations } from './accessibility.ts'
import { openContext, startBrowser } from './browser.ts'

const HOSTILE = '<img src=x onerror=alert(document.domain)>'
const WINDOW = { width: 1280, height: 900 }
const TOPIC = 'shop.public.test_table'

// By hand, on a Kafka cluster: CONSOLE_LOG=kafka

describe('who looks after the walk-through with the console', async () => {
  const kafka = process.env['CONSOLE_LOG'] === 'kafka' ? await startKafka() : null
  const [postgres, search, worker, browser] = await Promise.all([
    startPostgres(),
    startSearch(),
    startWorker(kafka === null ? {} : { env: workersOnKafka(kafka) }),
    startBrowser(),
  ])
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(search.url).port) })
  const sql = (text: string) => postgres.query(text, 'exampledb')
  const insert = (name: string) => sql(`INSERT INTO test_table (name) VALUES ('${name}')`)
  let context: BrowserContext
  let complaints: string[]
  const pending = new Set<Request>()
  let page: Page
  before(async () => {
    await postgres.query('CREATE DATABASE exampledb')
    await sql('CREATE TABLE test_table (id SERIAL PRIMARY KEY, name text, description text)')
    await sql('CREATE TABLE other (id SERIAL PRIMARY KEY)')
    await sql(`CREATE TABLE "${HOSTILE}" (id int)`)
    await insert('Alice')
    ;({ context, complaints } = await openContext(browser))
    page = await context.newPage()
    // All but those that go on.
    page.on('request', (request) => void (request.url().endsWith('/events') || pending.add(request)))
    page.on('requestfinished', (request) => pending.delete(request))
    page.on('requestfailed', (request) => pending.delete(request))
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  })
  after(async () => {
    await browser.close()
    await worker[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await search.stop()
    await postgres.stop()
    await kafka?.stop()
  })
  const go = (place: string) => page.goto(`${worker.url}/console/#/${place}`)
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const field = (name: string) => page.getByLabel(name, { exact: true })
  /** Opens the page anew until it shows the text: what it shows is as of its opening. */
  const seen = (place: string, text: string) => {
    let timeout = 1_000
    return waitFor(`${text} in ${place}`, async () => {
      await go('workers')
      await go(place)
      // Longer each time: on a slow machine a page takes a while.
      await page
        .getByText(text)
        .first()
        .waitFor({ timeout: (timeout *= 2) })
      return true
    })
  }
  const setOption = async (name: string, value: string) => {
    await field('Find an option').fill(name)
    const control = page.locator(`[name="${name}"]`)
    const isSelect = (await page.locator(`select[name="${name}"]`).count()) > 0
    await (isSelect ? control.selectOption(value) : control.fill(value))
  }
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
  const save = async () => {
    await button('Save').click()
    await page.getByText('Saved.').waitFor()
  }

  it('creates the pair from the template, with a table picked from the database', async () => {
    await go('new')
    await field('Host').fill(postgres.host)
    await field('Port').fill(String(postgres.port))
    await field('Database').fill('exampledb')
    await field('Password').first().fill('wrong')
    await button('List tables').click()
    await page.getByRole('alert').getByText('password authentication failed').waitFor()
    await field('Password').first().fill(postgres.password)
    await button('List tables').click()
    await page.getByLabel('public.test_table').check()
    await field('Address').fill(`http://127.0.0.1:${proxy.port}`)
    await field('One a change: the index keeps every state').check()
    await field('Prefix of the topics').fill('shop')
    await field('Name of the source').fill('shop-source')
    await field('Name of the sink').fill('shop-sink')
    // What the servers lack, with what mends it; a table's name is text.
    const servers = page.getByRole('region', { name: 'Servers behind it' })
    await servers.getByText('ALTER SYSTEM SET max_slot_wal_keep_size').waitFor()
    await servers.getByRole('button', { name: 'Copy: what mends max_slot_wal_keep_size' }).click()
    await servers.getByText(/^(Copied|Selected)$/).waitFor()
    await field(`public.${HOSTILE}`).check()
    await servers.getByText(`identity of public.${HOSTILE}`).waitFor()
    assert.deepEqual(await violations(page), [])
    await button('Dark colours').click()
    await page.setViewportSize({ width: 360, height: 740 })
    assert.equal(await overflow(), 0, 'what the servers lack sticks out at 360 px')
    assert.deepEqual(await violations(page), [])
    await page.setViewportSize(WINDOW)
    await button('Light colours').click()
    await field(`public.${HOSTILE}`).uncheck()
    await servers
      .getByText(/\d+ checks are OK$/)
      .first()
      .waitFor()
    await button('Create both').click()
    for (const name of ['shop-source', 'shop-sink'])
      await page.getByRole('row', { name }).getByText('Running').waitFor()
  })

  it('sees rows arrive, and a hostile one as the text that it is', async () => {
    await insert(HOSTILE)
    // Again and again: what is captured just now is shown for a moment only.
    await waitFor('the throughput', async () => {
      await insert('More')
      await page.getByRole('img', { name: /^Throughput, now [1-9]/ }).waitFor({ timeout: 5_000 })
      return true
    })
    await seen('search', HOSTILE)
    await page.getByText('"name": "Alice"').waitFor()
    assert.deepEqual(await violations(page), [])
  })

  it('follows a topic, and finds a record by its key', async () => {
    await go('topics')
    await page.getByRole('link', { name: TOPIC }).click()
    await page.getByText('Waiting for records').waitFor()
    await insert('Live')
    await page.getByText('"name":"Live"').click()
    await page.getByText('"name": "Live"').waitFor()
    await page.getByRole('link', { name: 'Records' }).click()
    await page.getByText(HOSTILE).first().waitFor()
    await field('Key').fill('{"id":1}')
    await button('Find key').click()
    await page.getByText('One record of that key').waitFor()
    assert.deepEqual(await violations(page), [])
  })

  it('sees why nothing arrives when Elasticsearch is away, and that it goes on', async () => {
    await go('')
    proxy.blackhole(true)
    await insert('Waiting')
    await page.getByText('Needs attention').waitFor()
    await page
      .getByRole('status')
      .getByRole('link', { name: 'shop-sink' })
      .or(page.getByRole('alert').getByRole('link', { name: 'shop-sink' }))
      .click()
    await page.getByText('Task 0 waits').waitFor()
    await page.getByText('No answer from Elasticsearch').waitFor()
    assert.deepEqual(await violations(page), [])
    proxy.blackhole(false)
    await page.getByText('Task 0 waits').waitFor({ state: 'hidden' })
    await seen('search', '"name": "Waiting"')
  })

  it('cannot save a configuration with a mistake, and learns what it is while typing', async () => {
    await go('connectors/shop-sink/config')
    await setOption('batch.size', 'many')
    await page.getByText('Invalid value many for configuration batch.size').first().waitFor()
    assert.ok(await button('Save').isDisabled())
    assert.deepEqual(await violations(page), [])
    await setOption('batch.size', '500')
    await page.getByText('The configuration is valid.').waitFor()
    await save()
    await page.getByText('JSON', { exact: true }).click()
    const json = await field('Configuration as JSON').inputValue()
    assert.equal((JSON.parse(json) as Record<string, string>)['batch.size'], '500')
    await field('Configuration as JSON').fill(json.replace('{', '{,'))
    await page.getByText('This is not a JSON object').waitFor()
    assert.ok(await button('Save').isDisabled())
  })

  it('retries dead letters once their cause is mended', async () => {
    await go('connectors/shop-sink/config')
    await page.reload()
    await setOption('value.converter.schemas.enable', 'true')
    await page.getByText('The configuration is valid.').waitFor()
    await save()
    await insert('Buried')
    await seen('dead-letters/shop.dead-letters', 'requires "schema" and "payload"')
    await page.getByText('requires "schema" and "payload"').first().click()
    await page.getByText('"name": "Buried"').waitFor()
    assert.deepEqual(await violations(page), [])
    await go('connectors/shop-sink/config')
    await setOption('value.converter.schemas.enable', 'false')
    await page.getByText('The configuration is valid.').waitFor()
    await save()
    await go('dead-letters/shop.dead-letters')
    await field('All that are open here').check()
    await button('Retry').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()
    await page.getByText('Written again: 1').waitFor()
    await seen('search', '"name": "Buried"')
  })

  it('fills a new index, after learning what that takes', async () => {
    await go('connectors/shop-sink')
    await button('Reindex').click()
    await page.getByText('The reindexing did not come to its end').waitFor()
    await page.getByText('say --delete-old').waitFor()
    await button('Abort').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()
    await page.getByText('The reindexing did not come to its end').waitFor({ state: 'hidden' })
    await page.getByLabel('Delete the old index').check()
    await button('Reindex').click()
    await page.getByText('The new index is in place').waitFor()
    await page.getByText(/^shop\.public\.test_table is now shop\.public\.test_table-r\d+/).waitFor()
    assert.deepEqual(await violations(page), [])
    await seen('search', '"name": "Buried"')
  })

  it('stops a connector to change its offsets, and sees what a number beyond 2^53 is', async () => {
    const stored = async (): Promise<string> =>
      (await fetch(`${worker.url}/connectors/shop-source/offsets`)).text()
    await go('connectors/shop-source/offsets')
    await page.getByText('"lsn"').first().waitFor()
    // What is seen by now is not where it stops.
    const before = await stored()
    await insert('late')
    await waitFor('the offset of a row that came later', async () => (await stored()) !== before)
    await button('Stop').click()
    const offsets = field('Offsets as JSON')
    await offsets.waitFor()
    const text = await offsets.inputValue()
    await offsets.fill(text.replace(/"lsn": \d+/, '"lsn": 9223372036854775807'))
    await button('Change offsets').click()
    await waitFor('the offset to be stored', async () => (await stored()).includes('9223372036854775807'))
    await waitFor('the page to have it too', async () =>
      (await offsets.inputValue()).includes('9223372036854775807'),
    )
    await offsets.fill(text)
    await button('Change offsets').click()
    // Else the connector might be running again when they come.
    await waitFor('the old ones to be stored', async () => !(await stored()).includes('9223372036854775807'))
    await button('Resume').click()
    await page.getByText('Running').first().waitFor()
  })

  it('reads every page in the dark, in Korean, at 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await button('Dark colours').click()
    await button('한국어').click()
    const places = [
      '',
      'new',
      'new/own',
      'connectors/shop-sink',
      'connectors/shop-sink/config',
      'connectors/shop-source/offsets',
    ]
    const others = [
      'topics',
      `topics/${TOPIC}`,
      `topics/${TOPIC}/0`,
      'dead-letters',
      'dead-letters/shop.dead-letters',
      'search',
      'workers',
    ]
    for (const place of [...places, ...others]) {
      await go(place)
      await page.locator('h1').waitFor()
      await waitFor('what the page asks for', () => Promise.resolve(pending.size === 0))
      const wide = await overflow()
      assert.equal(wide, 0, `${place} sticks out by ${wide} px`)
      assert.deepEqual(await violations(page), [], place)
    }
    assert.deepEqual(complaints, [])
  })
})
