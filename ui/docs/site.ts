// The pages of the documentation: colours and search. They can be read without it.

interface IndexedPage {
  readonly target: string
  readonly language: string
  readonly title: string
  readonly entries: readonly (readonly [id: string, title: string, text: string])[]
}

interface Hit {
  readonly page: IndexedPage
  readonly id: string
  readonly title: string
  readonly text: string
  readonly score: number
}

/** What the console keeps its choice as: both look alike. */
const THEME = 'tailrace.theme'
const MOST_HITS = 20
const EXCERPT = 130

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')
const page = document.documentElement
const root = page.dataset['root'] ?? '.'

showTheme()
prefersDark.addEventListener('change', showTheme)
document.addEventListener('DOMContentLoaded', () => {
  document.getElementById('_theme')?.addEventListener('click', () => {
    localStorage.setItem(THEME, page.dataset['theme'] === 'dark' ? 'light' : 'dark')
    showTheme()
  })
  prepareSearch()
})

/** The one that was chosen; until then, the system's. */
function showTheme(): void {
  const system = prefersDark.matches ? 'dark' : 'light'
  page.dataset['theme'] = localStorage.getItem(THEME) ?? system
}

function prepareSearch(): void {
  const input = document.getElementById('_search') as HTMLInputElement
  const found = document.getElementById('_found')!
  let index: Promise<readonly IndexedPage[]> | null = null
  const load = (): Promise<readonly IndexedPage[]> => {
    index ??= fetch(`${root}/search.json`).then((answer) => answer.json() as Promise<readonly IndexedPage[]>)
    return index
  }
  input.addEventListener('focus', () => void load())
  input.addEventListener('input', () => {
    const asked = input.value
    void load().then((pages) => {
      if (input.value === asked) show(found, search(pages, asked), asked)
    })
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') found.hidden = true
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      input.focus()
    }
  })
  document.addEventListener('click', (event) => {
    if (!found.contains(event.target as Node) && event.target !== input) found.hidden = true
  })
}

/** Places that have every word; names before titles before texts, pages in the reader's language first. */
function search(pages: readonly IndexedPage[], asked: string): readonly Hit[] {
  const words = asked
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const hits: Hit[] = []
  for (const each of pages) {
    for (const [id, title, text] of each.entries) {
      const [inTitle, inText] = [title.toLowerCase(), text.toLowerCase()]
      let score = each.language === page.lang ? 3 : 0
      if (inTitle === words.join(' ')) score += 30
      for (const word of words) {
        if (inTitle.includes(word)) score += inTitle.startsWith(word) ? 12 : 8
        else if (inText.includes(word)) score += 1
        else if (each.title.toLowerCase().includes(word)) score += 4
        else score = -Infinity
      }
      if (score > 0) hits.push({ page: each, id, title, text, score })
    }
  }
  return hits.sort((a, b) => b.score - a.score).slice(0, MOST_HITS)
}

function show(found: HTMLElement, hits: readonly Hit[], asked: string): void {
  found.hidden = asked.trim() === ''
  const word = asked.trim().split(/\s+/)[0]!.toLowerCase()
  const items = hits.map(({ page: { target, title: of }, id, title, text }) => {
    const link = document.createElement('a')
    link.href = `${root}/${target}${id === '' ? '' : `#${id}`}`
    link.append(
      element('b', title),
      element('small', of === title ? '' : of),
      element('span', excerpt(text, word)),
    )
    const item = document.createElement('li')
    item.append(link)
    return item
  })
  const list = document.createElement('ul')
  list.append(...items)
  found.replaceChildren(items.length === 0 ? element('p', page.dataset['nothing'] ?? '') : list)
}

function excerpt(text: string, word: string): string {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - EXCERPT / 3)
  return `${at > 0 ? '… ' : ''}${text.slice(at, at + EXCERPT)}${text.length > at + EXCERPT ? ' …' : ''}`
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
