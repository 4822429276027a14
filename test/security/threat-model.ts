import { readFileSync } from 'node:fs'

/** A row of docs/threat-model.md. */
export interface Threat {
  /** What could be done. */
  readonly threat: string
  /** The file of the test that stands for the protection, from the root of the repository. */
  readonly testFile: string
  /** Its title as it stands in that file: `${…}` in it may be anything. */
  readonly testName: string
}

const ROW = /^\| (.+?) \| .+ \| `([^`]+\.test\.ts)`: (.+) \|$/gm

export function readThreats(): readonly Threat[] {
  const text = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8')
  return [...text.matchAll(ROW)].map(([, threat, testFile, testName]) => ({
    threat: threat!,
    testFile: testFile!,
    testName: testName!,
  }))
}
