import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pythonTools } from '../servers/foreign-tools.ts'
import { sharedKafka, workersOnKafka } from '../servers/kafka.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startWorker } from '../servers/worker.ts'

const place = fileURLToPath(new URL('rest/', import.meta.url))

/**
 * A test for every scenario: the answers of a real worker are those of the golden files. `isUsual` says which of them
 * `npm test` plays; with TAILRACE_CONFORMANCE=all it plays all.
 */
export function restSuite(log: 'embedded' | 'kafka', isUsual: (name: string) => boolean = () => true): void {
  const isWanted = process.env['TAILRACE_CONFORMANCE'] === 'all' ? () => true : isUsual
  const names = readdirSync(join(place, 'scenarios'))
    .map((file) => file.replace('.json', ''))
    .filter(isWanted)

  describe(`answers of the REST API, ${log}`, () => {
    const servers = new AsyncDisposableStack()
    after(() => servers.disposeAsync())
    let report = ''
    before(async () => {
      const [postgres, replica, search] = await Promise.all([
        startPostgres({ version: 15 }),
        startPostgres({ version: 15, settings: { wal_level: 'replica' } }),
        startSearch(),
      ])
      for (const server of [postgres, replica, search]) servers.use(server)
      const kafka = log === 'kafka' ? servers.use(await sharedKafka()) : null
      const worker = servers.use(await startWorker(kafka === null ? {} : { env: workersOnKafka(kafka) }))
      report = await played([
        `--rest=${worker.url}`,
        `--es=${search.url}`,
        '--kafka=',
        `--pg=${postgres.url()}`,
        `--pg-replica=${replica.url()}`,
        ...names,
      ])
    })

    for (const name of names) {
      test(`${name} is answered as the reference answers`, () => {
        const result = new RegExp(`^(?:ok|FAIL) +${name} .*(?:\n .*)*`, 'm').exec(report)?.[0]
        assert.match(result ?? report, /^ok /)
      })
    }
  })
}

/** What the comparison wrote, whether or not there are differences. */
function played(args: readonly string[]): Promise<string> {
  const python = join(pythonTools(), 'python')
  return new Promise((resolve) => {
    execFile(python, [join(place, 'compare.py'), 'run', '--check', ...args], (error, stdout, stderr) =>
      resolve(error === null ? stdout : `${stdout}${stderr}`),
    )
  })
}
