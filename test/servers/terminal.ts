import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../wait-for.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Node has no terminals to give away; Python does. It is told what to type and how large the window is, a line each. */
const PYTHON = `
import fcntl, os, pty, select, struct, sys, termios
def resize(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
child, master = pty.fork()
if child == 0:
    os.read(0, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
resize(30, 120)
os.write(master, b'\\n')
while True:
    ready, _, _ = select.select([master, 0], [], [])
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        told = os.read(0, 4096).decode().splitlines()
        if not told:
            os.kill(child, 9)
            break
        for line in map(str.split, told):
            if line[0] == 'resize':
                resize(int(line[1]), int(line[2]))
            else:
                os.write(master, bytes.fromhex(line[1]))
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

/** A program in a terminal of 120 by 30. */
export class Terminal implements Disposable {
  /** All that was written to it, with what moves and colours: `␛` is the escape character. */
  output = ''
  readonly #python: ChildProcess

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // With `CI` Node takes a terminal for one without colours.
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...surroundings } = process.env
    const program = [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts')]
    this.#python = spawn('python3', ['-c', PYTHON, ...program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...surroundings, TERM: 'xterm-256color', ...env },
    })
    const killWithUs = () => this.#python.kill('SIGKILL')
    process.once('exit', killWithUs)
    this.#python.once('exit', () => process.off('exit', killWithUs))
    this.#python
      .stdout!.setEncoding('utf8')
      .on('data', (text: string) => (this.output += text.replaceAll('\u001B', '␛')))
  }

  resize(rows: number, columns: number): void {
    this.#python.stdin!.write(`resize ${rows} ${columns}\n`)
  }

  type(keys: string): void {
    this.#python.stdin!.write(`type ${Buffer.from(keys).toString('hex')}\n`)
  }

  /** Waits for what is written from a place in `output` on. */
  async until(what: RegExp, from = 0): Promise<void> {
    await waitFor(`${what.source} in the terminal`, () =>
      Promise.resolve(what.test(this.output.slice(from))),
    ).catch((cause: unknown) => {
      throw new Error(`${what.source} was not written, but ${JSON.stringify(this.output.slice(from))}`, {
        cause,
      })
    })
  }

  /** The exit status of the program. */
  async ended(): Promise<number | null> {
    if (this.#python.exitCode === null) await once(this.#python, 'close')
    return this.#python.exitCode
  }

  [Symbol.dispose](): void {
    this.#python.kill('SIGKILL')
  }
}
