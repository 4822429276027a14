import type { Token, Tokens } from 'marked'

/** What a reader sees of Markdown, without its marks. */
export function plainText(tokens: readonly Token[]): string {
  return tokens.map(textOf).join('')
}

function textOf(token: Token): string {
  switch (token.type) {
    case 'br':
    case 'html':
    case 'space':
    case 'hr':
      return ' '
    case 'list':
      return (token as Tokens.List).items.map((item) => `${plainText(item.tokens)} `).join('')
    case 'table': {
      const { header, rows } = token as Tokens.Table
      return [header, ...rows]
        .flat()
        .map(({ tokens }) => `${plainText(tokens)} `)
        .join('')
    }
    case 'paragraph':
    case 'blockquote':
    case 'heading':
      return `${plainText(partsOf(token) ?? [])} `
    case 'code':
      return `${(token as Tokens.Code).text} `
    default: {
      const parts = partsOf(token)
      if (parts !== undefined) return plainText(parts)
      return 'text' in token ? token.text : token.raw
    }
  }
}

function partsOf(token: Token): readonly Token[] | undefined {
  return 'tokens' in token ? token.tokens : undefined
}
