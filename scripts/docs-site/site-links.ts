import { statSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path/posix'
import type { SitePage } from './site-pages.ts'

const PICTURES = new Set(['.svg', '.png', '.webp'])

/** Where links of the Markdown lead on the site. What is no page is copied: pictures as they lie in `docs`, other files of the repository as text. */
export class SiteLinks {
  readonly #root: URL
  readonly #targets: ReadonlyMap<string, string>
  readonly #copies = new Map<string, string>()

  constructor(root: URL, pages: readonly SitePage[]) {
    this.#root = root
    this.#targets = new Map(pages.map(({ source, target }) => [source, target]))
  }

  /** What to copy, by where to. */
  get copies(): ReadonlyMap<string, string> {
    return this.#copies
  }

  /** @param href as the page has it. Throws for one that leads nowhere. */
  resolve(page: SitePage, href: string): string {
    if (/^(?:https?:|mailto:|#)/.test(href)) return href
    const [path = '', anchor] = href.split('#')
    const source = join(dirname(page.source), path)
    const target = this.#targets.get(source) ?? this.#copy(source, `${page.source} links to ${href}`)
    return `${relative(dirname(page.target), target)}${anchor === undefined ? '' : `#${anchor}`}`
  }

  #copy(source: string, by: string): string {
    const isFile = statSync(new URL(source, this.#root), { throwIfNoEntry: false })?.isFile() === true
    if (source.startsWith('..') || !isFile) throw new Error(`${by}, and no file is there`)
    const target = PICTURES.has(extname(source)) ? source.replace(/^docs\//, '') : `files/${basename(source)}`
    const before = this.#copies.get(target)
    if (before !== undefined && before !== source) throw new Error(`${by}: ${target} is ${before} already`)
    this.#copies.set(target, source)
    return target
  }
}
