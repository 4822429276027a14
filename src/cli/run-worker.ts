import { propertiesFromEnvironment } from '../connect/config/worker-properties.ts'
import { startWorker } from './compose.ts'
import { createLogger } from './logger.ts'
import { readProperties } from './read-properties.ts'
import { withShutdown } from './with-shutdown.ts'

export interface WorkerFlags {
  readonly file: string | undefined
  readonly port?: number
  readonly dataDir?: string
  readonly allowUnprotected?: true
  readonly version: string
}

/** `tailrace worker`: runs until it is told to stop, or its log fails. */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  const { file, port, dataDir, allowUnprotected, version } = flags
  const properties = workerProperties({
    fromFile: file === undefined ? {} : await readProperties(file, 'worker properties'),
    fromEnvironment: propertiesFromEnvironment(process.env),
    port,
    dataDir,
  })
  if (allowUnprotected) properties['rest.allow.unprotected'] = 'true'
  await withShutdown(async (signal, closers) => {
    const worker = await startWorker({ properties, version, logger: createLogger(), signal })
    closers.push(() => worker.close())
    const reach = worker.isOnNetwork ? 'to everyone on its network' : 'to this machine only'
    console.log(`tailrace ${version} answers at ${worker.url} (${reach}), keeps its data in ${worker.place}`)
    const stopped = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null)
      else signal.addEventListener('abort', () => resolve(null), { once: true })
    })
    const error = await Promise.race([stopped, worker.failed])
    if (error !== null) throw error
  })
}

/** Flags come before the environment, and that before the file. `rest.port` is what older workers call their listener. */
export function workerProperties(sources: {
  readonly fromFile: Readonly<Record<string, string>>
  readonly fromEnvironment: Readonly<Record<string, string>>
  readonly port: number | undefined
  readonly dataDir: string | undefined
}): Record<string, string> {
  const { fromFile, fromEnvironment, port, dataDir } = sources
  const properties: Record<string, string> = {
    'data.dir': '.tailrace/worker',
    ...fromFile,
    ...fromEnvironment,
    ...(dataDir === undefined ? {} : { 'data.dir': dataDir }),
  }
  // The API has no login and connectors hold passwords: it is on the network only where the configuration speaks of it.
  const isForOthers = ['rest.port', 'rest.host.name', 'rest.advertised.host.name'].some(
    (name) => properties[name] !== undefined,
  )
  properties['listeners'] ??= isForOthers
    ? `http://${properties['rest.host.name'] ?? ''}:${properties['rest.port'] ?? 8083}`
    : 'http://127.0.0.1:8083'
  if (port !== undefined) {
    // The host that the file says stays: it may be there to keep the API off the network.
    const [first] = properties['listeners'].split(',')
    properties['listeners'] = first!.trim().replace(/(:\d*)?\/?$/, `:${port}`)
  }
  return properties
}
