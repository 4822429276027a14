import { dirname, relative } from 'node:path/posix'
import type { NavigationSection } from './navigation.ts'
import { escape, type RenderedPage } from './render-page.ts'
import type { SiteLanguage, SitePage } from './site-pages.ts'

const TEXTS = {
  en: {
    skip: 'Skip to the text',
    pages: 'Pages',
    onThisPage: 'On this page',
    search: 'Search these pages',
    theme: 'Light or dark colours',
    console: 'Console',
    nothing: 'Nothing found',
    before: 'Before',
    next: 'Next',
    other: '한국어',
  },
  ko: {
    skip: '본문으로 건너뛰기',
    pages: '페이지',
    onThisPage: '이 페이지의 내용',
    search: '문서 검색',
    theme: '밝은 색 또는 어두운 색',
    console: '콘솔',
    nothing: '찾은 것이 없습니다',
    before: '이전',
    next: '다음',
    other: 'English',
  },
} as const satisfies Record<SiteLanguage, Record<string, string>>

/** A whole page: the text with everything around it. All links are relative, so that the site works below any path. */
export function framed(
  page: SitePage,
  { title, html, headings }: RenderedPage,
  around: {
    readonly navigation: readonly NavigationSection[]
    readonly translation: SitePage | undefined
    /** The first page of the other language, where this one has no translation. */
    readonly otherIndex: SitePage
  },
): string {
  const t = TEXTS[page.language]
  const to = (target: string): string => escape(relative(dirname(page.target), target))
  const root = to('.') === '' ? '.' : to('.')
  const isIndex = /(?:^|^ko\/)index\.html$/.test(page.target)
  const other = around.translation ?? around.otherIndex
  const items = around.navigation.flatMap((section) => section.items)
  const position = items.findIndex((item) => item.page === page)
  const [before, next] = position === -1 ? [] : [items[position - 1], items[position + 1]]
  const neighbours = [
    before === undefined
      ? ''
      : `<a rel="prev" href="${to(before.page.target)}"><small>${t.before}</small>${escape(before.label)}</a>`,
    next === undefined
      ? ''
      : `<a rel="next" href="${to(next.page.target)}"><small>${t.next}</small>${escape(next.label)}</a>`,
  ].join('')
  return `<!doctype html>
<html lang="${page.language}" data-root="${root}" data-nothing="${t.nothing}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${isIndex ? '' : `${escape(title)} · `}tailrace</title>
<link rel="icon" href="${to('icon.svg')}">
<link rel="stylesheet" href="${to('site.css')}">
<script src="${to('site.js')}"></script>
</head>
<body>
<a class="skip" href="#_text">${t.skip}</a>
<header class="top">
<a class="wordmark" href="${to(page.language === 'ko' ? 'ko/index.html' : 'index.html')}"><img src="${to('icon.svg')}" alt="">tailrace</a>
<search class="search"><input type="search" id="_search" autocomplete="off" placeholder="${t.search}" aria-label="${t.search}" aria-controls="_found"><div id="_found" role="status" hidden></div></search>
<span class="tools"><a class="to-pages" href="#_pages">${t.pages}</a><a href="${root}/../console/">${t.console}</a><a href="${to(other.target)}" lang="${other.language}">${t.other}</a><button type="button" id="_theme" aria-label="${t.theme}" title="${t.theme}">◐</button></span>
</header>
<div class="columns">
<main id="_text">
${html}${neighbours === '' ? '' : `<nav class="neighbours" aria-label="${t.before}, ${t.next}">${neighbours}</nav>\n`}</main>
${headings.length < 2 ? '' : tableOfContents(headings, t.onThisPage)}<nav class="pages" id="_pages" aria-label="${t.pages}">
${around.navigation.map((section) => navigationSection(section, page, to)).join('')}</nav>
</div>
</body>
</html>
`
}

function tableOfContents(headings: RenderedPage['headings'], label: string): string {
  const items = headings.map(
    ({ depth, id, html }) =>
      `<li class="depth-${depth}"><a href="#${id}">${html.replaceAll(/<\/?a\b[^>]*>/g, '')}</a></li>\n`,
  )
  return `<nav class="contents" aria-label="${label}"><p>${label}</p><ul>\n${items.join('')}</ul></nav>\n`
}

function navigationSection(
  { title, items }: NavigationSection,
  current: SitePage,
  to: (target: string) => string,
): string {
  const links = items.map(
    ({ label, page }) =>
      `<li><a href="${to(page.target)}"${page === current ? ' aria-current="page"' : ''}>${escape(label)}</a></li>\n`,
  )
  return `<h2>${escape(title)}</h2>\n<ul>\n${links.join('')}</ul>\n`
}
