import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planChunk } from './backlog.ts'

const MB = 1024n * 1024n
const LEAST = 64n * MB

describe('planChunk', () => {
  for (const { title, restart, from, end, upTo } of [
    { title: 'a small backlog is for the walsender', restart: 0n, from: 10n, end: 50n * MB, upTo: null },
    { title: 'a larger one is read to its end', restart: 0n, from: 10n, end: 100n * MB, upTo: 100n * MB },
    { title: 'a huge one in parts', restart: 0n, from: 1n * MB, end: 9000n * MB, upTo: 513n * MB },
    {
      title: 'a transaction under way that is huge is for the walsender',
      restart: 0n,
      from: 1500n * MB,
      end: 1700n * MB,
      upTo: null,
    },
  ]) {
    it(title, () => {
      const chunk = planChunk({ restartLsn: restart, confirmedFlushLsn: from, walEnd: end }, from, LEAST)
      assert.equal(chunk?.upTo ?? null, upTo)
    })
  }
})
