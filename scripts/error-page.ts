import { errorCodes } from '../src/api/error-codes.ts'

const ROOMS: Readonly<Record<string, string>> = {
  connect: 'Connectors, tasks and records',
  rest: 'REST API',
  log: 'Topics',
  postgres: 'PostgreSQL source',
  elasticsearch: 'Elasticsearch sink',
  converters: 'Converters',
  transforms: 'Transformations',
  predicates: 'Predicates',
  cli: 'Command line',
  embedded: 'Embedded PostgreSQL',
  search: 'Embedded search node',
}

/** `docs/errors.md`: every code with its meaning, by room. */
export function errorPage(): string {
  const entries = Object.entries(errorCodes)
  const rooms = [...new Set([...Object.keys(ROOMS), ...entries.map(([code]) => roomOf(code))])]
  const sections = rooms.flatMap((room) => {
    const rows = entries.filter(([code]) => roomOf(code) === room).sort(([a], [b]) => (a < b ? -1 : 1))
    if (rows.length === 0) return []
    const table = rows.map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`)
    return [`## ${ROOMS[room] ?? room}\n\n| code | meaning |\n|---|---|\n${table.join('\n')}\n`]
  })
  return [
    '# Errors\n',
    "Every error that tailrace raises on purpose has a code. It is in the worker's log (`code`), and on the `code` of errors",
    'that plugins catch. A code never changes its meaning; the text beside it names the thing and the way out.',
    'This page is written by `npm run docs` from `src/api/error-codes.ts`.\n',
    ...sections,
  ].join('\n')
}

function roomOf(code: string): string {
  return code.slice(0, code.indexOf('.'))
}
