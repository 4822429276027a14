import { JavaServer, type JavaServerOptions } from './java-server.ts'
import type { RestCaller } from './rest-caller.ts'

/** A search server of a test, of any make. */
export interface EngineServer<Version extends string = string> extends AsyncDisposable {
  readonly url: string
  readonly version: Version
  /** Requests of the test itself, with the right to do anything. */
  readonly rest: RestCaller
  /** Ends the server and removes its data. */
  stop(): Promise<void>
  /** `kill -9`. The data stay until `stop`. */
  kill(): Promise<void>
  /** Starts it again on the same port and data; first ends it, where it runs. */
  restart(): Promise<void>
}

/** Starts it, and resolves when it answers. */
export async function startEngineServer<Version extends string>(
  engine: { readonly url: string; readonly version: Version; readonly rest: RestCaller },
  options: Omit<JavaServerOptions, 'isReady'>,
): Promise<EngineServer<Version>> {
  const isReady = async () => (await engine.rest.call('GET', '/_cluster/health')).status === 200
  const server = new JavaServer({ ...options, isReady })
  await server.start()
  const stop = () => server.stop()
  return {
    ...engine,
    stop,
    kill: () => server.end('SIGKILL'),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: stop,
  }
}
