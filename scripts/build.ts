// npm run build: compiles src to dist and builds the console and the documentation there, as it is published.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}dist`, { recursive: true, force: true })
const { status } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
for (const [script, ...given] of [
  ['build-console.ts'],
  ['build-docs.ts'],
  ['sbom.ts', `${root}dist/sbom.cdx.json`],
]) {
  const args = ['--disable-warning=ExperimentalWarning', `${root}scripts/${script}`, ...given]
  const built = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(built.status ?? 1)
}
chmodSync(`${root}dist/cli/main.js`, 0o755)
