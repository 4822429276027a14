import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What makes the demo's worker one of a Kafka cluster: brokers, and a group with storage topics of its own. The group is
 * new with each new state directory, so that a run after `--reset` finds nothing of what was before.
 */
export function kafkaWorker(brokers: string, stateDir: string): Readonly<Record<string, string>> {
  const group = groupOf(stateDir)
  const storage = ['config', 'offset', 'status'].flatMap((kind) => [
    [`${kind}.storage.topic`, `${group}-${kind}`],
    [`${kind}.storage.replication.factor`, '-1'],
  ])
  return { 'bootstrap.servers': brokers, 'group.id': group, ...Object.fromEntries(storage) }
}

function groupOf(stateDir: string): string {
  const file = join(stateDir, 'kafka-group')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const group = `tailrace-demo-${randomBytes(4).toString('hex')}`
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(file, group)
  return group
}
