import GithubSlugger from 'github-slugger'
import { Marked, type Token, type Tokens } from 'marked'
import { plainText } from './plain-text.ts'
import type { SiteLinks } from './site-links.ts'
import type { SitePage } from './site-pages.ts'

export interface RenderedPage {
  readonly title: string
  readonly html: string
  /** Of the second and third level, in their order. */
  readonly headings: readonly { readonly depth: number; readonly id: string; readonly html: string }[]
  readonly entries: readonly SearchEntry[]
}

/** A place that a search can find: a section, or a row of a table about a name. */
export interface SearchEntry {
  readonly id: string
  readonly title: string
  readonly text: string
}

/** Markdown as HTML: headings with the ids that GitHub gives them, rows about one name with that name as id. */
export function renderPage(page: SitePage, links: SiteLinks): RenderedPage {
  const tokens = new Marked().lexer(page.markdown)
  const ids = headingIds(tokens)
  const rowIds = idsOfRows(tokens, new Set(ids.values()))
  const headings: { depth: number; id: string; html: string }[] = []
  const marked = new Marked({
    renderer: {
      heading(token) {
        const id = ids.get(token)!
        const html = this.parser.parseInline(token.tokens)
        if (token.depth === 1) return `<h1>${html}</h1>\n`
        if (token.depth <= 3) headings.push({ depth: token.depth, id, html })
        return `<h${token.depth} id="${id}">${html}<a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a></h${token.depth}>\n`
      },
      link({ href, tokens }) {
        return `<a href="${escape(links.resolve(page, href))}">${this.parser.parseInline(tokens)}</a>`
      },
      image({ href, text }) {
        return `<img src="${escape(links.resolve(page, href))}" alt="${escape(text)}" loading="lazy">`
      },
      html({ text }) {
        // The reference has it between the lines of an explanation; anything else is no Markdown of ours.
        if (text.trim() === '<br>') return '<br>'
        throw new Error(`${page.source} has HTML: ${text.trim()}`)
      },
      code({ text, lang }) {
        const kind = lang?.split(' ')[0] ?? ''
        return `<pre tabindex="0"${kind === '' ? '' : ` data-kind="${escape(kind)}"`}><code>${escape(text)}</code></pre>\n`
      },
      table(token) {
        const cell = (tag: 'td' | 'th', { tokens }: Tokens.TableCell): string =>
          `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`
        const head = token.header.some(({ tokens }) => tokens.length > 0)
          ? `<thead><tr>${token.header.map((each) => cell(each.tokens.length === 0 ? 'td' : 'th', each)).join('')}</tr></thead>`
          : ''
        const rows = token.rows.map((row) => {
          const id = rowIds.get(row)
          return `<tr${id === undefined ? '' : ` id="${escape(id)}"`}>${row.map((each) => cell('td', each)).join('')}</tr>\n`
        })
        return `<div class="table" tabindex="0"><table>${head}<tbody>\n${rows.join('')}</tbody></table></div>\n`
      },
    },
  })
  const html = marked.parser(tokens)
  const title = plainText(tokens.find(isHeading)?.tokens ?? []).trim()
  return { title, html, headings, entries: searchEntries(tokens, { ids, rowIds }) }
}

function headingIds(tokens: readonly Token[]): ReadonlyMap<Token, string> {
  const slugger = new GithubSlugger()
  return new Map(tokens.filter(isHeading).map((token) => [token, slugger.slug(plainText(token.tokens))]))
}

/** Of rows whose first cell is one name; the first of a name has it. */
function idsOfRows(
  tokens: readonly Token[],
  taken: ReadonlySet<string>,
): ReadonlyMap<readonly Tokens.TableCell[], string> {
  const names = new Set(taken)
  const ids = new Map<readonly Tokens.TableCell[], string>()
  for (const row of tokens.filter(isTable).flatMap(({ rows }) => rows)) {
    const name = nameOf(row)
    if (name === null || names.has(name)) continue
    names.add(name)
    ids.set(row, name)
  }
  return ids
}

function nameOf(row: readonly Tokens.TableCell[]): string | null {
  const [only, more] = row[0]?.tokens ?? []
  if (only?.type !== 'codespan' || more !== undefined) return null
  const { text } = only as Tokens.Codespan
  return /^[\w.-]+$/.test(text) ? text : null
}

function searchEntries(
  tokens: readonly Token[],
  { ids, rowIds }: { ids: ReadonlyMap<Token, string>; rowIds: ReturnType<typeof idsOfRows> },
): readonly SearchEntry[] {
  const entries: { id: string; title: string; text: string }[] = []
  const rows: SearchEntry[] = []
  for (const token of tokens) {
    if (isHeading(token) && token.depth <= 3) {
      const id = token.depth === 1 ? '' : ids.get(token)!
      entries.push({ id, title: tidy(plainText(token.tokens)), text: '' })
    } else if (isTable(token)) {
      for (const row of token.rows) {
        const id = rowIds.get(row)
        const text = tidy(plainText(row.slice(id === undefined ? 0 : 1).flatMap(cellTokens)))
        if (id !== undefined) rows.push({ id, title: id, text })
        else if (entries.length > 0) entries.at(-1)!.text += `${text} `
      }
    } else if (entries.length > 0) entries.at(-1)!.text += `${tidy(plainText([token]))} `
  }
  return [...entries.map((entry) => ({ ...entry, text: entry.text.trim() })), ...rows]
}

function cellTokens({ tokens }: Tokens.TableCell): readonly Token[] {
  return [...tokens, { type: 'space', raw: ' ' }]
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading'
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === 'table'
}

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
