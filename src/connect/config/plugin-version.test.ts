import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginCatalogue, type PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { compareVersions, versionProblem } from './plugin-version.ts'

const entry: PluginCatalogueEntry = {
  className: 'x.Y',
  type: 'sink',
  version: '4.3.1',
  load: () => Promise.reject(new Error('not loaded here')),
}
const catalogue = new PluginCatalogue([entry])

test('versions are ordered as Maven orders them', () => {
  const ascending = [
    '1.0-alpha1',
    '1.0-beta2',
    '1.0-m1',
    '1.0-rc1',
    '1.0-SNAPSHOT',
    '1.0',
    '1.0-sp1',
    '1.0-odd',
    '1.0.1',
    '1.2',
    '1.10',
    '2',
  ]
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries())
      assert.equal(compareVersions(a, b), Math.sign(i - j), `${a} ${b}`)
  }
  for (const same of ['1', '1.0.0', '1.0.Final', '1.0-GA', '1.0.0-release']) {
    assert.equal(compareVersions('1.0', same), 0, same)
  }
})

test('a bare version is that one alone, a range takes what is in it', () => {
  for (const wanted of [
    null,
    undefined,
    'latest',
    '4.3.1',
    '4.3.1.Final',
    '[4.3.1]',
    '[1,9]',
    '[4.0,5.0)',
    '(,4.3.1]',
    '[1,2),[4,)',
  ]) {
    assert.equal(versionProblem(entry, wanted, catalogue), null, String(wanted))
  }
  const shown: readonly (readonly [wanted: string, range: string])[] = [
    ['9', '[9,9]'],
    ['4.3', '[4.3,4.3]'],
    ['', '[,]'],
    ['x[', '[x[,x[]'],
    ['[9,10]', '[9,10]'],
    ['(4.3.1,9]', '(4.3.1,9]'],
    ['[1,4.3.1)', '[1,4.3.1)'],
  ]
  for (const [wanted, range] of shown) {
    assert.equal(
      versionProblem(entry, wanted, catalogue),
      `Plugin x.Y not found that matches the version range ${range}, available versions: [4.3.1]`,
    )
  }
})
