import { readFileSync } from 'node:fs'

export interface CodeBlock {
  /** What follows the fence: `sh`, `sql`, `sh worker`. */
  readonly kind: string
  /** Why no test runs it: ```` ```sh skip="needs systemd" ````. Null: one does. */
  readonly skip: string | null
  readonly text: string
}

/** The fenced blocks of a page, in their order. @param page below the repository's root: `docs/kafka.md` */
export function codeBlocks(page: string): readonly CodeBlock[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info = '', block = '']) => {
    const [, kind = '', skip = null] = /^(.*?)(?: skip="([^"]+)")?$/.exec(info)!
    return { kind, skip, text: block }
  })
}
