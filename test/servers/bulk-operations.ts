/** One of a bulk request, with the lines that it takes. */
export interface BulkOperation {
  readonly action: string
  readonly meta: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

export function bulkOperations(body: string): readonly BulkOperation[] {
  const lines = body.split('\n').filter((line) => line.trim() !== '')
  const operations: BulkOperation[] = []
  for (let at = 0; at < lines.length;) {
    const [action, meta] = Object.entries(JSON.parse(lines[at]!) as Record<string, BulkOperation['meta']>)[0]!
    const end = at + (action === 'delete' ? 1 : 2)
    operations.push({ action, meta, lines: lines.slice(at, end) })
    at = end
  }
  return operations
}
