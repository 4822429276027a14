import type { Endpoint } from '../endpoint.ts'
import { endpointDescriptions } from './endpoint-descriptions.ts'

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}' +
  'table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}' +
  'code{font-size:.9em}small{color:#666}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#444}}'

/** The description of the API to read: one file, nothing from elsewhere, no script. */
export function openApiPage(endpoints: readonly Endpoint[], version: string): string {
  const rows = endpoints.map(({ method, path }) => {
    const { summary, status = 200, query = {}, body, answer } = endpointDescriptions[`${method} ${path}`]!
    const parameters = Object.entries(query).map(([name, meaning]) => `?${name}: ${meaning}`)
    const details = [...parameters, ...(body ? [`body: ${body}`] : []), `${status} ${answer ?? ''}`.trim()]
    return `<tr><td>${method}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}<br><small>${details.map(escape).join('<br>')}</small></td></tr>`
  })
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>tailrace REST API</title><style>${STYLE}</style></head><body>`,
    `<h1>tailrace ${escape(version)}: REST API</h1>`,
    '<p>The same for programs, with the schemas: <a href="openapi.json">openapi.json</a>.</p>',
    '<table><thead><tr><th>method</th><th>path</th><th></th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></body></html>\n',
  ].join('\n')
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
