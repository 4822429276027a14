import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { navigationOf, type NavigationSection } from './navigation.ts'
import { framed } from './page-frame.ts'
import { renderPage, type RenderedPage } from './render-page.ts'
import { SiteLinks } from './site-links.ts'
import { sitePages, translationOf, type SiteLanguage, type SitePage } from './site-pages.ts'

export interface DocsSite {
  readonly pages: readonly SitePage[]
  readonly navigation: Readonly<Record<SiteLanguage, readonly NavigationSection[]>>
  /** Everything to write, by its path below the site's root. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
}

/** The site of `docs/`, the READMEs and the changelog: pages, what they show and link to, and what a search looks through. */
export function docsSite(root: URL): DocsSite {
  const pages = sitePages(root)
  const navigation = { en: navigationOf('en', pages), ko: navigationOf('ko', pages) }
  const links = new SiteLinks(root, pages)
  const indexOf = (language: SiteLanguage): SitePage =>
    pages.find(({ target }) => target === (language === 'ko' ? 'ko/index.html' : 'index.html'))!
  const rendered = new Map(pages.map((page) => [page, renderPage(page, links)]))
  const files = new Map<string, string | Uint8Array>()
  for (const [page, content] of rendered) {
    const around = {
      navigation: navigation[page.language],
      translation: translationOf(page, pages),
      otherIndex: indexOf(page.language === 'ko' ? 'en' : 'ko'),
    }
    files.set(page.target, framed(page, content, around))
  }
  for (const [target, source] of links.copies) files.set(target, readFileSync(new URL(source, root)))
  const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
  files.set('site.css', read('ui/docs/site.css'))
  files.set('site.js', stripTypeScriptTypes(read('ui/docs/site.ts')))
  files.set('icon.svg', read('ui/src/icon.svg'))
  files.set('search.json', JSON.stringify(searchIndex(rendered)))
  return { pages, navigation, files }
}

/** As `ui/docs/site.ts` reads it. */
function searchIndex(rendered: ReadonlyMap<SitePage, RenderedPage>): object {
  return [...rendered].map(([{ target, language }, { title, entries }]) => ({
    target,
    language,
    title,
    entries: entries.map(({ id, title, text }) => [id, title, text]),
  }))
}
