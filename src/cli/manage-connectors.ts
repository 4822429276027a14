import { readFile } from 'node:fs/promises'
import { ConfigError } from '../api/errors.ts'
import type { ConnectorStatus } from '../connect/herder.ts'
import { call } from './worker-client.ts'

/** A connector as users post it. */
export interface ConnectorFile {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

export async function listConnectors(url: string): Promise<void> {
  const all = (await call(url, 'GET', '/connectors?expand=status')) as Readonly<
    Record<string, { readonly status: ConnectorStatus }>
  >
  for (const { status } of Object.values(all)) {
    const tasks = status.tasks.map((task) => task.state).join(' ')
    console.log(`${status.name}\t${status.type}\t${status.connector.state}\ttasks: ${tasks || 'none'}`)
  }
}

export async function showStatus(url: string, name: string): Promise<void> {
  const status = (await call(url, 'GET', `/connectors/${encodeURIComponent(name)}/status`)) as ConnectorStatus
  console.log(`${status.name}\t${status.type}\t${status.connector.state}`)
  if (status.connector.trace !== undefined) console.log(indent(status.connector.trace))
  for (const task of status.tasks) {
    console.log(`task ${task.id}\t${task.state}`)
    if (task.trace !== undefined) console.log(indent(task.trace))
  }
}

export async function createConnector(url: string, file: string): Promise<void> {
  const connector = await readConnectorFile(file)
  await call(url, 'POST', '/connectors', connector)
  console.log(`Created ${connector.name}`)
}

export async function deleteConnector(url: string, name: string): Promise<void> {
  await call(url, 'DELETE', `/connectors/${encodeURIComponent(name)}`)
  console.log(`Deleted ${name}`)
}

/** What is in the file is for the worker to judge; here only that it is JSON with a name. */
export async function readConnectorFile(file: string | URL): Promise<ConnectorFile> {
  const refuse = (problem: string, cause?: unknown) =>
    new ConfigError('cli.file-unreadable', `Connector file ${String(file)}: ${problem}`, { cause })
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse('it cannot be read', cause)
  })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw refuse('it is not JSON', cause)
  }
  const name = (parsed as { readonly name?: unknown } | null)?.name
  if (typeof name !== 'string') throw refuse('it must hold {"name": "…", "config": {…}}')
  return parsed as ConnectorFile
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ').trimEnd()
}
