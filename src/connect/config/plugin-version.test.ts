import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginCatalogue, type PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { compareVersions, versionProblem, versionRange } from './plugin-version.ts'

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

test('a version that cannot be understood is refused by its own option, and no plugin is said to miss it', () => {
  for (const [text, problem] of [
    ['[4', 'Unbounded range: [4'],
    ['(?<', 'Unbounded range: (?<'],
    ['5,4', 'Range defies version ordering: [5,4]'],
    ['4,,5', 'Range defies version ordering: [4,,5]'],
    [' 4.3.1 ', null],
    ['latest', null],
    ['[1,2),[4,)', null],
  ] as const) {
    assert.equal(versionRange(text), problem, text)
    assert.equal(versionProblem(entry, text, catalogue), null, text)
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
