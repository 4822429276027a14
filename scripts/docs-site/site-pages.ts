import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path/posix'

export type SiteLanguage = 'en' | 'ko'

/** A page of the site and the Markdown that it is made of. */
export interface SitePage {
  /** Below the repository's root: `docs/kafka.md`. */
  readonly source: string
  /** Below the site's: `kafka.html`, `ko/quick-start.html`. */
  readonly target: string
  readonly language: SiteLanguage
  readonly markdown: string
}

/** Pages that are not in `docs`. */
const TARGETS: Readonly<Record<string, string>> = {
  'README.md': 'walk-through.html',
  'README.ko.md': 'ko/walk-through.html',
  'CHANGELOG.md': 'changelog.html',
}

/** Every page that there is, whether the navigation names it or not. */
export function sitePages(root: URL): readonly SitePage[] {
  const sources = [...Object.keys(TARGETS), ...globSync('docs/**/*.md', { cwd: root }).sort()]
  return sources.map((source) => ({
    source,
    target: TARGETS[source] ?? targetOf(source),
    language: source.endsWith('.ko.md') ? 'ko' : 'en',
    markdown: readFileSync(new URL(source, root), 'utf8'),
  }))
}

/** The same page in the other language; undefined where there is none. */
export function translationOf(page: SitePage, pages: readonly SitePage[]): SitePage | undefined {
  const source =
    page.language === 'ko' ? page.source.replace(/\.ko\.md$/, '.md') : page.source.replace(/\.md$/, '.ko.md')
  return pages.find((other) => other.source === source)
}

/** `docs/reference/README.md` is `reference/index.html`, `docs/quick-start.ko.md` is `ko/quick-start.html`. */
function targetOf(source: string): string {
  const isKorean = source.endsWith('.ko.md')
  const path = source.replace(/^docs\//, '').replace(/(?:\.ko)?\.md$/, '')
  const folder = path.slice(0, path.length - basename(path).length)
  const name = basename(path) === 'README' ? 'index' : basename(path)
  return `${isKorean ? 'ko/' : ''}${folder}${name}.html`
}
