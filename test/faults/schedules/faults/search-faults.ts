import { setTimeout as delay } from 'node:timers/promises'
import type { SearchFault } from '../../../servers/faulty-proxy.ts'
import { waitFor } from '../../../wait-for.ts'
import type { Bench } from '../bench.ts'
import type { Fault } from '../fault.ts'

/** As many requests in a row have it, out of four. */
const SHARE = 3

const BULK_FAULTS: readonly { readonly name: string; readonly fault: SearchFault }[] = [
  { name: 'Elasticsearch answers bulk requests with 429', fault: { kind: 'refused', status: 429 } },
  { name: 'Elasticsearch answers bulk requests with 503', fault: { kind: 'refused', status: 503 } },
  { name: 'a gateway answers bulk requests with 502', fault: { kind: 'refused', status: 502 } },
  { name: 'Elasticsearch rejects every other item with 429', fault: { kind: 'some rejected' } },
  { name: 'the answer to a bulk request is cut', fault: { kind: 'cut answer' } },
  { name: 'the answer to a bulk request is lost', fault: { kind: 'lost answer' } },
  { name: 'the answer to a bulk request is half a JSON text', fault: { kind: 'truncated JSON' } },
  { name: 'a bulk request is cut', fault: { kind: 'cut request' } },
  {
    name: 'bulk requests are answered after 7 s, later than they are waited for',
    fault: { kind: 'slow', ms: 7000 },
  },
]

/** Reading, searching and deleting documents, mappings, indices. */
const OTHER_FAULTS: typeof BULK_FAULTS = [
  { name: 'the answer to a request beside bulk ones is lost', fault: { kind: 'lost answer' } },
  { name: 'the answer to a request beside bulk ones is half a JSON text', fault: { kind: 'truncated JSON' } },
]

const answered =
  (ofBulk: boolean) =>
  ({ name, fault }: (typeof BULK_FAULTS)[number]): Fault => ({
    name,
    outcome: 'survived',
    async strike(bench, dice) {
      const faultOf = (isBulk: boolean): SearchFault | null =>
        isBulk === ofBulk && dice.below(4) < SHARE ? fault : null
      bench.search.faultOf = faultOf
      await delay(2000 + dice.below(8000))
      // Another one may have come.
      if (bench.search.faultOf === faultOf) bench.search.faultOf = () => null
    },
  })

/** Blocks writing to the indices in a way that the server's operators or its own guards do, and lets it go again. */
function blocked(name: string, setting: string): Fault {
  return {
    name,
    outcome: 'survived',
    needs: ['elasticsearch'],
    async strike(bench, dice) {
      await put(bench, setting, true)
      await delay(2000 + dice.below(8000))
      await put(bench, setting, null)
    },
  }
}

async function put(bench: Bench, setting: string, value: true | null): Promise<void> {
  const path = `${bench.searchUrl}/f.*/_settings?allow_no_indices=true`
  const body = JSON.stringify({ [setting]: value })
  const headers = { 'content-type': 'application/json' }
  await waitFor(`${setting} to be set`, async () => (await fetch(path, { method: 'PUT', headers, body })).ok)
}

export const SEARCH_FAULTS: readonly Fault[] = [
  ...BULK_FAULTS.map(answered(true)),
  ...OTHER_FAULTS.map(answered(false)),
  blocked('index blocked for writes', 'index.blocks.write'),
  blocked('disk watermark reached (index read-only)', 'index.blocks.read_only_allow_delete'),
  {
    name: 'nobody answers for Elasticsearch',
    outcome: 'survived',
    async strike(bench, dice) {
      bench.search.isAway = true
      await delay(2000 + dice.below(10_000))
      bench.search.isAway = false
    },
  },
  {
    name: 'Elasticsearch restarted',
    outcome: 'survived',
    needs: ['elasticsearch'],
    strike: (bench) => bench.engineLock.run(() => bench.engine.restart!()),
  },
  {
    name: 'Elasticsearch killed (kill -9)',
    outcome: 'survived',
    needs: ['elasticsearch'],
    strike: (bench) =>
      bench.engineLock.run(async () => {
        await bench.engine.kill!()
        await bench.engine.restart!()
      }),
  },
]
