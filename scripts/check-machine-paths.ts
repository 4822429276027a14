// Nothing of the machine that a file was written on may be in it: home directories, the checkout's own path, and in the
// lock file the addresses of a registry (they would send everybody's npm there).
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const forbidden = [
  `${homedir()}/`,
  root,
  // Split, so that this file does not find itself.
  ...['home/', 'Users/'].map((start) => new RegExp(`(?<![\\w.])/${start}\\w+/`)),
]

const problems: string[] = []
for (const file of execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')) {
  if (file === '') continue
  const text = readFileSync(join(root, file), 'utf8')
  if (text.includes('\0')) continue
  text.split('\n').forEach((line, index) => {
    const found = forbidden.find((bad) => (typeof bad === 'string' ? line.includes(bad) : bad.test(line)))
    if (found !== undefined) problems.push(`${file}:${index + 1}: a path of this machine: ${line.trim()}`)
    if (file === 'package-lock.json' && line.includes('"resolved": "http')) {
      problems.push(`${file}:${index + 1}: a registry's address: ${line.trim()}`)
    }
  })
}
for (const problem of problems) console.log(problem)
process.exit(problems.length > 0 ? 1 : 0)
