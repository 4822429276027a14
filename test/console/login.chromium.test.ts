import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Credentials } from '../../src/rest/access/credentials.ts'
import { OPEN_ACCESS } from '../../src/rest/access/rest-access.ts'
import { RestClient } from '../../src/rest/testing/rest-client.ts'
import { violations } from './accessibility.ts'
import { openContext, startBrowser } from './browser.ts'

test('the console asks who one is, by itself, and takes users and tokens', async () => {
  const credentials = await Credentials.load(null, 't0ken', new Map([['ann', 'pässword']]))
  await using client = await RestClient.start(60_000, { ...OPEN_ACCESS, credentials })
  client.herder.configs.set('orders', { 'connector.class': 'x.FakeSinkConnector', topics: 't' })
  const browser = await startBrowser()
  try {
    const { context, complaints } = await openContext(browser)
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${client.port}/console`)
    await page.getByRole('heading', { name: 'Log in to this worker' }).waitFor()
    assert.deepEqual(await violations(page), [])
    const field = (name: string) => page.getByRole('textbox', { name, exact: true })
    const logIn = () => page.getByRole('button', { name: 'Log in', exact: true }).click()
    await field('User').fill('ann')
    await field('Password').fill('password')
    await logIn()
    await page.getByText('The worker did not take this login.').waitFor()
    await field('Password').fill('pässword')
    await logIn()
    await page.getByRole('row', { name: 'orders' }).waitFor()
    // Kept for the tab, and until one says otherwise.
    await page.reload()
    await page.getByRole('row', { name: 'orders' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token', { exact: true }).check()
    await page.locator('input[name="token"]').fill('t0ken')
    await logIn()
    await page.getByRole('row', { name: 'orders' }).waitFor()
    assert.deepEqual(complaints, [])
  } finally {
    await browser.close()
  }
})
