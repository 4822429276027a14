// Runs a TypeScript program with the Node.js that this checkout brings (the devDependency `node`), after installing
// the dependencies where they are missing. Plain JavaScript for any Node.js from 18 on: the one that npm found.
import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = `${root}node_modules/.bin/node`

if (!isInstalled()) {
  console.error('Installing dependencies (npm ci), once ...')
  const npm = process.env.npm_execpath
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []]
  const install = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (install.status !== 0) process.exit(install.status ?? 1)
}

const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: process.cwd(),
})
// The terminal sends Ctrl-C to the child as well; waiting for it lets it stop cleanly.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal))
}
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))

/**
 * Whether node_modules has what package-lock.json asks for: npm keeps its own list there, written at the very end. So an
 * installation that was broken off is begun again, and one from before a `git pull` is brought up to date.
 */
function isInstalled() {
  try {
    // Another checkout's, on loan: not ours to change.
    if (lstatSync(`${root}node_modules`).isSymbolicLink()) return true
    const wanted = packagesOf(`${root}package-lock.json`)
    const there = packagesOf(`${root}node_modules/.package-lock.json`)
    return Object.entries(wanted).every(
      ([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
    )
  } catch {
    return false
  }
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}
