import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Database } from './database.ts'

test('a database of a newer version is refused by name, and stays as it is', (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-search-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const first = new Database(dataDir)
  const { path } = first
  first.close()
  setFormat(path, 99)
  const before = readFileSync(path)
  assert.throws(() => new Database(dataDir), {
    message: `${path} was written by a newer tailrace (format 99); use that one, or another data directory`,
  })
  assert.deepEqual(readFileSync(path), before)
  // Who was refused has let go of the directory.
  setFormat(path, 1)
  new Database(dataDir).close()
})

function setFormat(path: string, version: number): void {
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
}
