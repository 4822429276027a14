import { marked, type Token, type Tokens } from 'marked'
import { join } from 'node:path/posix'
import { plainText } from './plain-text.ts'
import type { SiteLanguage, SitePage } from './site-pages.ts'

export interface NavigationSection {
  readonly title: string
  readonly items: readonly NavigationItem[]
}

export interface NavigationItem {
  readonly label: string
  readonly page: SitePage
}

/** The lists of `docs/README.md` (`README.ko.md`): a heading is a section, the link that an item begins with is a page. */
export function navigationOf(
  language: SiteLanguage,
  pages: readonly SitePage[],
): readonly NavigationSection[] {
  const source = language === 'ko' ? 'docs/README.ko.md' : 'docs/README.md'
  const index = pages.find((page) => page.source === source)
  if (index === undefined) throw new Error(`There is no ${source}, which says what the navigation has`)
  const sections: { title: string; items: NavigationItem[] }[] = []
  for (const token of marked.lexer(index.markdown)) {
    if (isHeading(token) && token.depth === 2) sections.push({ title: plainText(token.tokens), items: [] })
    if (!isList(token)) continue
    for (const item of token.items) {
      const link = firstLink(item.tokens)
      if (link === undefined) throw new Error(`An item of ${source} begins without a link: ${item.text}`)
      const page = pages.find(({ source }) => source === join('docs', link.href))
      if (page === undefined) throw new Error(`${source} links to ${link.href}, which is no page`)
      sections.at(-1)?.items.push({ label: plainText(link.tokens), page })
    }
  }
  return sections
}

function firstLink(tokens: readonly Token[]): Tokens.Link | undefined {
  const [first] = tokens
  if (first === undefined) return undefined
  if (first.type === 'link') return first as Tokens.Link
  return firstLink(first.type === 'text' || first.type === 'paragraph' ? (first.tokens ?? []) : [])
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading'
}

function isList(token: Token): token is Tokens.List {
  return token.type === 'list'
}
