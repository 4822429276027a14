import type { Fault } from './fault.ts'
import { DISK_FAULTS } from './faults/disk-faults.ts'
import { KAFKA_FAULTS } from './faults/kafka-faults.ts'
import { NETWORK_FAULTS } from './faults/network-faults.ts'
import { POSTGRES_FAULTS } from './faults/postgres-faults.ts'
import { REPLICATION_FAULTS } from './faults/replication-faults.ts'
import { SEARCH_FAULTS } from './faults/search-faults.ts'
import { WORKER_FAULTS } from './faults/worker-faults.ts'

export const FAULTS: readonly Fault[] = [
  ...WORKER_FAULTS,
  ...POSTGRES_FAULTS,
  ...REPLICATION_FAULTS,
  ...NETWORK_FAULTS,
  ...SEARCH_FAULTS,
  ...KAFKA_FAULTS,
  ...DISK_FAULTS,
]

export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name)
  if (fault === undefined) throw new Error(`There is no fault '${name}'`)
  return fault
}
