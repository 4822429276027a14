/** Calls `see` for every document of an index, in order of the numeric field `id`, page by page. */
export async function eachDocument(
  url: string,
  index: string,
  see: (source: Record<string, unknown>) => void,
): Promise<void> {
  await fetch(`${url}/${index}/_refresh`, { method: 'POST' })
  const seen = new Set<string>()
  for (let from = 0; ;) {
    const answer = await fetch(`${url}/${index}/_search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ size: 10_000, sort: [{ id: 'asc' }], query: { range: { id: { gte: from } } } }),
    })
    if (!answer.ok) throw new Error(`_search answered ${answer.status}: ${await answer.text()}`)
    const { hits } = (await answer.json()) as {
      hits: { hits: { _id: string; _source: Record<string, unknown> & { id: number } }[] }
    }
    const fresh = hits.hits.filter((hit) => !seen.has(hit._id))
    if (fresh.length === 0) return
    for (const hit of fresh) {
      seen.add(hit._id)
      see(hit._source)
    }
    // Documents of one id may stand on two pages, so the next page begins with the last id again.
    from = fresh.at(-1)!._source.id
  }
}

/** The ids from 1 to `count` that no document of the index has; at most ten are listed. */
export async function missingIds(url: string, index: string, count: number): Promise<number[]> {
  const found = new Uint8Array(count + 1)
  await eachDocument(url, index, (source) => (found[source['id'] as number] = 1))
  const missing: number[] = []
  for (let id = 1; id <= count && missing.length < 10; id++) if (found[id] === 0) missing.push(id)
  return missing
}
