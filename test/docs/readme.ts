import { readFileSync } from 'node:fs'

export interface CodeBlock {
  /** What follows the fence: `sh`, `sql`, `sh worker`. */
  readonly kind: string
  readonly text: string
}

/** The fenced blocks of a page in the repository's root, in their order. */
export function codeBlocks(
  page: 'README.md' | 'README.ko.md' | 'docs/write-a-connector.md',
): readonly CodeBlock[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, kind = '', block = '']) => ({
    kind,
    text: block,
  }))
}
