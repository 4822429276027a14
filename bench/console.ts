// The console before 200 connectors that make 10,000 records a second together:
//   node --disable-warning=ExperimentalWarning bench/console.ts [CONNECTORS] [RECORDS-PER-SECOND] [SECONDS]
// Prints how long the page takes to be usable, what the worker takes of the processor, and the tasks of the page's main thread
// that took longer than 50 ms. The exit status is 1 where half of the visits took more than a second, or a task longer than 100 ms.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openContext, startBrowser } from '../test/console/browser.ts'
import { startWorker } from '../test/servers/worker.ts'

const [connectors = 200, perSecond = 10_000, seconds = 15] = process.argv.slice(2).map(Number)
const USABLE_WITHIN_MS = 1000
const LONGEST_TASK_MS = 100
const VISITS = 9
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
console.log(`the worker with ${connectors} takes ${await processorOf(worker)} processors`)
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

/**
 * Milliseconds from the address to the frame that shows what the page is for, by the page's own clock: what asks for it from
 * outside waits for a processor, too. Each with an empty cache and a process of its own.
 */
async function visits(text: string): Promise<string> {
  const tookMs: number[] = []
  for (let visit = 0; visit < VISITS; visit++) {
    const { context } = await openContext(browser)
    await context.addInitScript(`
      window.usableMs = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          if (!document.body?.textContent.includes(${JSON.stringify(text)})) return
          observer.disconnect()
          requestAnimationFrame(() => requestAnimationFrame((at) => resolve(Math.round(at))))
        }).observe(document, { childList: true, subtree: true, characterData: true })
      })`)
    const page = await context.newPage()
    await page.goto(`${worker.url}/console`)
    tookMs.push(await page.evaluate<number>('window.usableMs'))
    await context.close()
  }
  const sorted = tookMs.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(VISITS / 2)]!
  if (median > USABLE_WITHIN_MS) process.exitCode = 1
  return `${median} ms (${sorted[0]} to ${sorted.at(-1)})`
}

/** Processor seconds of the worker in a second, over five. */
async function processorOf({ pid }: { readonly pid: number }): Promise<string> {
  // Behind the name, which may hold anything: user and system time, in hundredths of a second.
  const ticks = (): number => {
    const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return Number(fields[10]) + Number(fields[11])
  }
  const [before, beforeMs] = [ticks(), performance.now()]
  await delay(5_000)
  return ((ticks() - before) / ((performance.now() - beforeMs) / 10)).toFixed(2)
}

async function look(page: Page, what: string): Promise<void> {
  await page.evaluate('void (window.longTasks.length = 0)')
  await page.waitForTimeout(seconds * 1000)
  const tasks = await page.evaluate<readonly number[]>('window.longTasks')
  const longest = Math.max(0, ...tasks)
  if (longest > LONGEST_TASK_MS) process.exitCode = 1
  console.log(`${what}, ${seconds} s: ${tasks.length} long tasks, the longest ${longest} ms`)
}
