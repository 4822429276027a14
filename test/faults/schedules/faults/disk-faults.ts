import { closeSync, fstatSync, openSync, readSync, readdirSync, statSync, writeSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { appendFile, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../../../wait-for.ts'
import type { Bench } from '../bench.ts'
import type { Fault } from '../fault.ts'
import { isAcknowledged } from '../lost-position.ts'
import { readTablesAnew } from '../read-anew.ts'

/** Of the directory that has the embedded log: on Kafka the worker writes nothing there. */
export const DISK_FAULTS: readonly Fault[] = [
  {
    name: 'disk full',
    outcome: 'survived',
    log: 'embedded',
    needs: ['disk'],
    async strike(bench, dice) {
      const ballast = join(bench.disk!.path, 'ballast')
      const { bavail, bsize } = await statfs(bench.disk!.path)
      // What is left is used up by what is written meanwhile.
      // The worker may be there first; then it is full already.
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 200_000))).catch(() => {})
      await delay(3000 + dice.below(8000))
      await rm(ballast, { force: true })
    },
  },
  {
    name: 'data directory read-only at the start',
    outcome: 'survived',
    log: 'embedded',
    needs: ['disk'],
    strike: (bench) => bench.restartWorker('kill', () => refusesReadOnly(bench)),
  },
  {
    name: 'tail of a segment torn',
    outcome: 'survived',
    log: 'embedded',
    strike: (bench, dice) =>
      bench.restartWorker('kill', async () => {
        // What a process that died has begun to write: not committed, so of no meaning.
        for (const segment of segmentsOf(bench.worker.dataDir)) {
          const { bytes } = lastBytes(segment)
          await appendFile(segment, bytes.subarray(0, 1 + dice.below(bytes.length)))
        }
      }),
  },
  {
    name: 'a byte of a segment flipped',
    outcome: 'named',
    log: 'embedded',
    strike: (bench) => damaged(bench),
  },
]

async function refusesReadOnly({ disk, worker, history }: Bench): Promise<void> {
  remount(disk!.path, 'ro')
  const before = worker.output.length
  const refusal = await worker.start().then(
    () => 'It started.',
    (error: Error) => error.message,
  )
  remount(disk!.path, 'rw')
  const said = `${refusal}${worker.output.slice(before)}`
  if (!/read-only|EROFS/i.test(said) || !said.includes(disk!.path)) {
    history.trouble(`On a read-only directory the worker says ${said}`)
  }
}

function remount(path: string, mode: 'ro' | 'rw'): void {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${mode}`, path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`remount ${mode}: ${stderr}`)
}

/** A record that the sink has yet to read is damaged: it says so, with the file, and reads it never. */
async function damaged(bench: Bench): Promise<void> {
  const { worker, workload, history } = bench
  const topic = bench.topicOf('t0')
  await bench.running()
  await worker.rest('PUT', '/connectors/sink/stop')
  const committed = await waitFor('the committed offset', async () => (await bench.sinkOffsets()).get(topic))
  await waitFor('records behind it', async () => (await worker.records(topic)) > committed + 20)
  bench.mayFail = true
  await workload.stop()
  await waitFor('the source to be done', () => isAcknowledged(bench))
  const segment = segmentsOf(join(worker.dataDir, 'topics')).find((path) => path.includes(`${topic}.`))!
  await bench.restartWorker('kill', async () => flip(segment))
  await worker.rest('PUT', '/connectors/sink/resume')
  const said = await waitFor('the sink to name the damage', async () => {
    const { tasks, trace } = await worker.states('sink')
    return tasks[0] === 'FAILED' && trace
  })
  if (!said.includes(segment) || !/is damaged/.test(said))
    history.trouble(`A flipped byte: the status says ${said}`)
  const { status, body } = await worker.rest(
    'GET',
    `/topics/${topic}/records?partition=0&offset=${committed}&limit=1000`,
  )
  history.note(`reading what is damaged answers ${status}: ${JSON.stringify(body).slice(0, 300)}`)
  await readTablesAnew(bench, 'a byte flipped', topic)
  workload.start()
  bench.mayFail = false
}

/** The last byte of the file: it is in the newest batch. */
function flip(path: string): void {
  const file = openSync(path, 'r+')
  try {
    const at = fstatSync(file).size - 1
    const byte = Buffer.alloc(1)
    readSync(file, byte, 0, 1, at)
    byte[0]! ^= 0x10
    writeSync(file, byte, 0, 1, at)
  } finally {
    closeSync(file)
  }
}

/** Those that were written last, of each partition that has records. */
function segmentsOf(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  const paths = files.filter((file) => file.endsWith('.log')).map((file) => join(directory, file))
  const newest = Map.groupBy(paths.sort(), (path) => path.slice(0, path.lastIndexOf('/')))
  return [...newest.values()].map((of) => of.at(-1)!).filter((path) => statSync(path).size > 0)
}

function lastBytes(path: string): { readonly bytes: Buffer } {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, 5000))
    readSync(file, bytes, 0, bytes.length, size - bytes.length)
    return { bytes }
  } finally {
    closeSync(file)
  }
}
