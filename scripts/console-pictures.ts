// npm run pictures: takes the pictures of docs/console.md anew, of a worker with the
// walk-through's pair and rows that come. Needs Chromium.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openContext, startBrowser } from '../test/console/browser.ts'
import { inventoryConnector, sinkConnector } from '../test/e2e/walk-through.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { startSearch } from '../test/servers/search.ts'
import { startWorker } from '../test/servers/worker.ts'

const target = fileURLToPath(new URL('../docs/console/', import.meta.url))
/** How long charts are filled before they are looked at. */
const FILL_MS = 40_000

await using stack = new AsyncDisposableStack()
const postgres = stack.use(await startPostgres())
const search = stack.use(await startSearch())
const worker = stack.use(await startWorker())
const browser = await startBrowser()
stack.defer(() => browser.close())
await postgres.query('CREATE DATABASE exampledb')
const sql = (text: string) => postgres.query(text, 'exampledb')
await sql('CREATE TABLE test_table (id SERIAL PRIMARY KEY, name text, description text)')
const source = inventoryConnector(postgres)
const sink = sinkConnector(search.url)
await worker.create(source.name, source.config)
await worker.create(sink.name, sink.config)
await sql("INSERT INTO test_table (name, description) VALUES ('Alice', 'First test record')")
await worker.create('archive-sink', {
  ...sink.config,
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
})
const insert =
  "INSERT INTO test_table (name) SELECT 'row ' || i FROM generate_series(1, (random() * 60)::int) i"
const inserting = setInterval(() => void sql(insert), 250)
stack.defer(() => clearInterval(inserting))

const { context } = await openContext(browser, { viewport: { width: 1280, height: 800 } })
const page = await context.newPage()
mkdirSync(target, { recursive: true })
await page.goto(`${worker.url}/console`)
await page.waitForTimeout(FILL_MS)
await page.screenshot({ path: `${target}overview.png` })
await page.goto(`${worker.url}/console/#/connectors/archive-sink`)
await page.waitForTimeout(3000)
await page.screenshot({ path: `${target}failure.png` })
