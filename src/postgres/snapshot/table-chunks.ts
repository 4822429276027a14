import type { PostgresConnection } from '../wire/connection.ts'

/** Blocks `[from, to)` of a table's file; `to` null: up to its end, wherever that is. */
export interface BlockRange {
  readonly from: number
  readonly to: number | null
}

/**
 * A part of a table that one COPY reads. `whole`: all of it. `blocks`: the rows that lie in these blocks. `moved`: those
 * in blocks read before that were written since, by transactions from `xmin` on.
 */
export type Chunk =
  | { readonly kind: 'whole' }
  | { readonly kind: 'blocks'; readonly range: BlockRange }
  | { readonly kind: 'moved'; readonly range: BlockRange; readonly xmin: bigint }

/** How a table lies on the server's disk. */
export interface TableStorage {
  /** Names its files: another text when the table was written anew (VACUUM FULL, ALTER TABLE, TRUNCATE). */
  readonly files: string
  /** Of its largest file. */
  readonly blocks: number
  /** 1, or as many as there are partitions in one that is read as a whole. */
  readonly parts: number
  /** Rows can be asked for by their block without reading the others. */
  readonly hasRanges: boolean
}

/** 32 MB: some tenths of a second of reading, which is what an interruption costs. */
const MOST_BLOCKS = 4096
/** 1 MB: below it, asking takes longer than reading. */
const LEAST_BLOCKS = 128

/**
 * Cuts a table, or what is not done of it, into chunks.
 * @param done what was read before, in order; empty: nothing
 * @param pieces into how many the table should be cut at least, where it is large enough
 */
export function planChunks(
  { blocks, parts, hasRanges }: TableStorage,
  {
    done,
    pieces,
    xmin,
  }: { readonly done: readonly BlockRange[]; readonly pieces: number; readonly xmin: bigint },
): readonly Chunk[] {
  const size = Math.max(LEAST_BLOCKS, Math.min(MOST_BLOCKS, Math.ceil((blocks * parts) / pieces)))
  const step = Math.max(1, Math.floor(size / parts))
  if (!hasRanges || (done.length === 0 && blocks <= step)) return [{ kind: 'whole' }]
  const chunks: Chunk[] = []
  const first = done[0]
  const last = done.at(-1)
  if (first !== undefined) chunks.push({ kind: 'moved', range: { from: first.from, to: last!.to }, xmin })
  for (const { from, to } of gaps(done)) {
    let at = from
    const end = to ?? blocks
    // A rest of less than half a chunk is read with the one before it.
    for (; end - at > step * 1.5; at += step)
      chunks.push({ kind: 'blocks', range: { from: at, to: at + step } })
    chunks.push({ kind: 'blocks', range: { from: at, to } })
  }
  return chunks
}

/** What lies between ranges, before the first and after the last. */
function gaps(done: readonly BlockRange[]): readonly BlockRange[] {
  const found: BlockRange[] = []
  let at: number | null = 0
  for (const { from, to } of done) {
    if (at !== null && from > at) found.push({ from: at, to: from })
    at = to
  }
  if (at !== null) found.push({ from: at, to: null })
  return found
}

/** `ctid >= '(10,0)' AND …`, or null where no condition is needed. */
export function chunkCondition(chunk: Chunk): string | null {
  if (chunk.kind === 'whole') return null
  const { from, to } = chunk.range
  const conditions: string[] = []
  if (from > 0) conditions.push(`ctid >= '(${from},0)'::tid`)
  if (to !== null) conditions.push(`ctid < '(${to},0)'::tid`)
  // Younger is what was written later. What was frozen keeps its number; taken for young, it is read once more.
  if (chunk.kind === 'moved') {
    const xid = BigInt.asUintN(32, chunk.xmin)
    conditions.push(`pg_catalog.age(xmin) <= pg_catalog.age('${xid}'::xid)`)
  }
  return conditions.length === 0 ? null : conditions.join(' AND ')
}

/** How tables are stored now, by oid. They must be locked: then nobody writes them anew. */
export async function readStorage(
  connection: PostgresConnection,
  oids: readonly number[],
): Promise<ReadonlyMap<number, TableStorage>> {
  if (oids.length === 0) return new Map()
  const rows = await connection.query(
    `select root.oid::text as oid, count(*)::text as parts,
       pg_catalog.max(pg_catalog.pg_relation_size(c.oid)) / current_setting('block_size')::int8 as blocks,
       pg_catalog.bool_and(c.relkind = 'r' and a.amname = 'heap') and current_setting('server_version_num')::int >= 140000 as ranges,
       pg_catalog.md5(coalesce(pg_catalog.string_agg(c.oid::text || ':' || coalesce(pg_catalog.pg_relation_filenode(c.oid)::text, ''), ',' order by c.oid), '')) as files
     from pg_catalog.pg_class root
     left join lateral (
       select root.oid where root.relkind <> 'p'
       union all
       select relid from pg_catalog.pg_partition_tree(root.oid) where isleaf and root.relkind = 'p'
     ) as leaf(oid) on true
     left join pg_catalog.pg_class c on c.oid = leaf.oid
     left join pg_catalog.pg_am a on a.oid = c.relam
     where root.oid = any ('{${oids.join(',')}}'::oid[])
     group by root.oid`,
    'Reading the sizes of the tables',
  )
  return new Map(
    rows.map((row) => [
      Number(row['oid']),
      {
        files: row['files']!.slice(0, 12),
        blocks: Number(row['blocks'] ?? 0),
        parts: Number(row['parts']),
        hasRanges: row['ranges'] === 't',
      },
    ]),
  )
}
