// The console before 200 connectors that make 10,000 records a second together:
//   node --disable-warning=ExperimentalWarning bench/console.ts [CONNECTORS] [RECORDS-PER-SECOND] [SECONDS]
// Prints how long the page takes to be usable, and the tasks of its main thread that took longer than 50 ms. The exit status is
// 1 where the page was not usable within a second, or a task took longer than 100 ms.
import type { Page } from 'playwright-core'
import { openContext, startBrowser } from '../test/console/browser.ts'
import { startWorker } from '../test/servers/worker.ts'

const [connectors = 200, perSecond = 10_000, seconds = 15] = process.argv.slice(2).map(Number)
const USABLE_WITHIN_MS = 1000
const LONGEST_TASK_MS = 100
const VISITS = 5
const WATCH = `
  window.longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration))
  }).observe({ type: 'longtask', buffered: true })`

await using worker = await startWorker()
const browser = await startBrowser()
console.log(`usable without connectors: ${await visits('No connectors yet')}`)
for (let i = 0; i < connectors; i++) {
  await worker.create(`made-${String(i).padStart(3, '0')}`, {
    'connector.class': 'io.confluent.kafka.connect.datagen.DatagenConnector',
    quickstart: 'users',
    'kafka.topic': `made-${i}`,
    'records.per.second': String(perSecond / connectors),
  })
}
console.log(`usable with ${connectors}: ${await visits('made-000')}`)

const { context } = await openContext(browser)
await context.addInitScript(WATCH)
const page = await context.newPage()
await page.goto(`${worker.url}/console`)
await page.getByRole('img', { name: /^Throughput, now [1-9]/ }).waitFor()
await look(page, 'the overview')
await page.goto(`${worker.url}/console/#/topics/made-0`)
await page.getByText('"registertime"').first().waitFor()
await look(page, 'the tail of a topic')
await page.goto(`${worker.url}/console/#/connectors/made-000`)
await page.getByRole('heading', { level: 1, name: 'made-000' }).waitFor()
await look(page, 'a connector')
await page.goto(`${worker.url}/console/#/`)
console.log(await page.getByRole('img', { name: /^Throughput/ }).getAttribute('aria-label'))
await browser.close()

/** Milliseconds from the call to what the page is for, each with an empty cache; the first one starts a process, too. */
async function visits(text: string): Promise<string> {
  const tookMs: number[] = []
  for (let visit = 0; visit < VISITS; visit++) {
    const { context } = await openContext(browser)
    const page = await context.newPage()
    const startedMs = performance.now()
    await page.goto(`${worker.url}/console`)
    await page.getByText(text).first().waitFor()
    tookMs.push(Math.round(performance.now() - startedMs))
    await context.close()
  }
  if (tookMs.toSorted((a, b) => a - b)[Math.floor(VISITS / 2)]! > USABLE_WITHIN_MS) process.exitCode = 1
  return `${tookMs.join(', ')} ms`
}

async function look(page: Page, what: string): Promise<void> {
  await page.evaluate('void (window.longTasks.length = 0)')
  await page.waitForTimeout(seconds * 1000)
  const tasks = await page.evaluate<readonly number[]>('window.longTasks')
  const longest = Math.max(0, ...tasks)
  if (longest > LONGEST_TASK_MS) process.exitCode = 1
  console.log(`${what}, ${seconds} s: ${tasks.length} long tasks, the longest ${longest} ms`)
}
