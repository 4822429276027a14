import { RetriableError, type ConnectError } from '../../../api/errors.ts'
import type { Cluster } from './cluster.ts'
import { asConnectError } from '../kafka-error.ts'

/** Of one who would rather wait for the brokers than fail: they may start later. */
export interface Patience {
  /** Ends the waiting: the last failure is thrown. */
  readonly signal: AbortSignal
  /** Called at the first failure, and again from time to time. */
  readonly onWait: (error: ConnectError) => void
}

const PATIENT_PAUSE_MS = 500
const REMIND_AFTER_MS = 15_000

/** Resolves when a broker answers. Throws `log.kafka-refused`, and `log.kafka-unreachable` unless it is patient. */
export async function reachBrokers(cluster: Cluster, patience?: Patience): Promise<void> {
  const doing = `connect to Kafka at ${cluster.description.bootstrapServers.join(', ')}`
  if (patience === undefined) {
    await cluster.retrying(doing, () => cluster.anyBroker())
    return
  }
  const { signal, onWait } = patience
  for (let remindAtMs = 0; ;) {
    try {
      await cluster.anyBroker()
      return
    } catch (error) {
      const failure = asConnectError(error, doing)
      if (!(failure instanceof RetriableError) || signal.aborted) throw failure
      if (performance.now() >= remindAtMs) {
        onWait(failure)
        remindAtMs = performance.now() + REMIND_AFTER_MS
      }
      await cluster.pause(PATIENT_PAUSE_MS)
    }
  }
}
