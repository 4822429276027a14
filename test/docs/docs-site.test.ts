import assert from 'node:assert/strict'
import { dirname, join } from 'node:path/posix'
import { describe, test } from 'node:test'
import { docsSite } from '../../scripts/docs-site/docs-site.ts'

const site = docsSite(new URL('../../', import.meta.url))
const html = new Map(
  [...site.files].flatMap(([target, content]) =>
    target.endsWith('.html') ? [[target, String(content)] as const] : [],
  ),
)
const idsOf = new Map([...html].map(([target, text]) => [target, idsIn(text)]))

describe('the site of the documentation', () => {
  test('has every page in the navigation of its language', () => {
    for (const language of ['en', 'ko'] as const) {
      const shown = new Set(site.navigation[language].flatMap(({ items }) => items.map(({ page }) => page)))
      const missing = site.pages.filter(
        (page) => page.language === language && !shown.has(page) && !/\bindex\.html$/.test(page.target),
      )
      assert.deepEqual(
        missing.map(({ source }) => source),
        [],
      )
    }
  })

  test('has no link, picture or anchor that leads nowhere', () => {
    let checked = 0
    for (const [target, text] of html) {
      for (const [, reference = ''] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
        const [path = '', anchor] = reference.replaceAll('&amp;', '&').split('#')
        if (/^https?:/.test(path)) continue
        const place = path === '' ? target : join(dirname(target), path)
        // The worker's, beside the site.
        if (place === '../console/') continue
        assert.ok(site.files.has(place), `${target} links to ${reference}`)
        if (anchor !== undefined) {
          assert.ok(idsOf.get(place)?.has(decodeURIComponent(anchor)), `${target} links to ${reference}`)
        }
        checked++
      }
    }
    assert.ok(checked > 1000, String(checked))
  })

  test('has pages whose ids are their own', () => {
    for (const [target, text] of html) {
      const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
      assert.equal(new Set(ids).size, ids.length, target)
    }
  })

  test('finds every option and every error code by its name', () => {
    const pages = JSON.parse(String(site.files.get('search.json'))) as {
      target: string
      entries: [id: string, title: string, text: string][]
    }[]
    const find = (target: string, name: string) =>
      pages.find((page) => page.target === target)?.entries.find(([, title]) => title === name)
    const [id, , text] = find('reference/postgres-connector.html', 'slot.name') ?? []
    assert.equal(id, 'slot.name')
    assert.match(text!, /slot/)
    assert.ok(idsOf.get('reference/postgres-connector.html')!.has('slot.name'))
    assert.ok(find('errors.html', 'postgres.position-lost'))
    for (const { target, entries } of pages) {
      for (const [id] of entries) assert.ok(id === '' || idsOf.get(target)!.has(id), `${target}#${id}`)
    }
  })

  test('takes nothing from elsewhere, and has no script or style in its pages', () => {
    for (const [target, text] of html) {
      assert.doesNotMatch(text, /<style|\sstyle="|<script>|\son\w+="|(?:src|<link[^>]*href)="https?:/, target)
    }
  })

  test('leads from a page to the same in the other language', () => {
    assert.match(html.get('quick-start.html')!, /href="ko\/quick-start\.html" lang="ko"/)
    assert.match(html.get('ko/quick-start.html')!, /href="\.\.\/quick-start\.html" lang="en"/)
  })
})

function idsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!))
}
