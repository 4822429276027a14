import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runCli } from '../servers/cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** A plugin as `tailrace create-plugin` writes it, with this checkout in place of what `npm install` brings. */
export class CreatedPlugin {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  static async create(name: string, kind: string): Promise<CreatedPlugin> {
    const place = mkdtempSync(join(tmpdir(), 'tailrace-plugin-'))
    const { status, stderr } = await runCli(['create-plugin', name, '--kind', kind], { cwd: place })
    if (status !== 0) throw new Error(stderr)
    const plugin = new CreatedPlugin(join(place, name))
    plugin.install()
    return plugin
  }

  /** Links instead of downloads: the sources of this checkout are `tailrace`. */
  install(): void {
    const modules = join(this.directory, 'node_modules')
    const tailrace = join(modules, 'tailrace')
    mkdirSync(join(modules, '@types'), { recursive: true })
    mkdirSync(tailrace)
    symlinkSync(join(root, 'src'), join(tailrace, 'src'))
    const exports = { './api': './src/api/index.ts' }
    writeFileSync(
      join(tailrace, 'package.json'),
      JSON.stringify({ name: 'tailrace', type: 'module', exports }),
    )
    for (const name of ['typescript', '@types/node', 'undici-types']) {
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
    }
  }

  /** `npm run check`. */
  async check(): Promise<void> {
    await this.#run([join(root, 'node_modules/.bin/tsc'), '--noEmit'])
  }

  /** `npm run build`. */
  async build(): Promise<void> {
    await this.#run([join(root, 'node_modules/.bin/tsc'), '-p', 'tsconfig.build.json'])
  }

  /** `npm test`; answers what it printed. */
  async test(): Promise<string> {
    return this.#run([process.execPath, '--disable-warning=ExperimentalWarning', '--test'])
  }

  async #run([program, ...args]: readonly [string, ...string[]]): Promise<string> {
    // The test runner would take the inner one for a part of its own.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    try {
      return (await run(program, args, { cwd: this.directory, env })).stdout
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new Error(`${program} failed in ${this.directory}:\n${stdout}\n${stderr}`, { cause: error })
    }
  }
}
