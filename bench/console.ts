// The console before 200 connectors that make 10,000 records a second together:
//   node --disable-warning=ExperimentalWarning bench/console.ts [CONNECTORS] [RECORDS-PER-SECOND] [SECONDS]
// Prints how long the page takes to be usable, and the tasks of its main thread that took longer than 50 ms.
import type { Page } from 'playwright-core'
import { openContext, startBrowser } from '../test/console/browser.ts'
import { startWorker } from '../test/servers/worker.ts'

const [connectors = 200, perSecond = 10_000, seconds = 15] = process.argv.slice(2).map(Number)
const WATCH = `
  window.longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration))
  }).observe({ type: 'longtask', buffered: true })`

await using worker = await startWorker()
for (let i = 0; i < connectors; i++) {
  await worker.create(`made-${String(i).padStart(3, '0')}`, {
    'connector.class': 'io.confluent.kafka.connect.datagen.DatagenConnector',
    quickstart: 'users',
    'kafka.topic': `made-${i}`,
    'records.per.second': String(perSecond / connectors),
  })
}
const browser = await startBrowser()
const { context } = await openContext(browser)
await context.addInitScript(WATCH)

const page = await context.newPage()
const startedMs = performance.now()
await page.goto(`${worker.url}/console`)
await page.getByRole('row', { name: 'made-000' }).waitFor()
console.log(`usable after ${Math.round(performance.now() - startedMs)} ms`)
await page.getByRole('img', { name: /^Throughput, now [1-9]/ }).waitFor()
await look(page, 'the overview')
await page.goto(`${worker.url}/console/#/topics/made-0`)
await page.getByText('"registertime"').first().waitFor()
await look(page, 'the tail of a topic')
const summary = await page
  .goto(`${worker.url}/console/#/`)
  .then(() => page.getByRole('img', { name: /^Throughput/ }).getAttribute('aria-label'))
console.log(summary)
await browser.close()

async function look(page: Page, what: string): Promise<void> {
  await page.evaluate('void (window.longTasks.length = 0)')
  await page.waitForTimeout(seconds * 1000)
  const tasks = await page.evaluate<readonly number[]>('window.longTasks')
  const longest = Math.max(0, ...tasks)
  console.log(`${what}, ${seconds} s: ${tasks.length} long tasks, the longest ${longest} ms`)
}
