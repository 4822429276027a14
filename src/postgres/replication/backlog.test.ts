import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planChunk } from './backlog.ts'

const MB = 1024n * 1024n
const LEAST = 64n * MB

describe('planChunk', () => {
  for (const { title, restart, from, end, upTo, number } of [
    {
      title: 'a small backlog is for the walsender',
      restart: 0n,
      from: 10n,
      end: 50n * MB,
      upTo: null,
      number: 0,
    },
    {
      title: 'of a larger one, little is read first',
      restart: 0n,
      from: MB,
      end: 9000n * MB,
      upTo: 49n * MB,
      number: 0,
    },
    { title: 'then more', restart: 0n, from: 49n * MB, end: 9000n * MB, upTo: 193n * MB, number: 1 },
    {
      title: 'and more, up to a bound',
      restart: 0n,
      from: MB,
      end: 9000n * MB,
      upTo: 257n * MB,
      number: 100,
    },
    {
      title: 'the last part ends with the WAL',
      restart: 0n,
      from: MB,
      end: 100n * MB,
      upTo: 100n * MB,
      number: 6,
    },
    {
      number: 0,
      title: 'a transaction under way that is huge is for the walsender',
      restart: 0n,
      from: 1520n * MB,
      end: 1700n * MB,
      upTo: null,
    },
  ]) {
    it(title, () => {
      const backlog = { restartLsn: restart, confirmedFlushLsn: from, walEnd: end }
      const chunk = planChunk(backlog, from, { leastBytes: LEAST, number })
      assert.equal(chunk?.upTo ?? null, upTo)
    })
  }
})
