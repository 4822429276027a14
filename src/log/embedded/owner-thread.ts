import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { TaskLogger } from '../../api/source-task.ts'
import { OwnerLoop } from './owner-loop.ts'
import { openStore } from './open-store.ts'
import type { Order, Report } from './protocol.ts'
import { sendError } from './sent-error.ts'

/** `workerData` of this thread. */
export interface OwnerStart {
  readonly dataDir: string
}

/** Kafka's `log.retention.check.interval.ms`. */
const RETENTION_EVERY_MS = 5 * 60 * 1000

const main: MessagePort = parentPort!
const report = (message: Report): void => main.postMessage(message, [])
const log =
  (level: keyof TaskLogger) =>
  (fields: object, message: string): void =>
    report({ kind: 'log', level, fields, message })
const logger: TaskLogger = {
  debug: log('debug'),
  info: log('info'),
  warn: log('warn'),
  error: log('error'),
}

function start({ dataDir }: OwnerStart): void {
  const store = openStore(dataDir, logger)
  const loop = new OwnerLoop(store, logger)
  loop.applyRetention(Date.now())
  const retention = setInterval(() => loop.applyRetention(Date.now()), RETENTION_EVERY_MS)
  main.on('message', (order: Order) => {
    switch (order.kind) {
      case 'connect':
        loop.connect(order.port)
        return
      case 'close':
        clearInterval(retention)
        loop.close()
        main.close()
    }
  })
  report({ kind: 'ready' })
}

try {
  start(workerData as OwnerStart)
} catch (error) {
  report({ kind: 'refused', error: sendError(error) })
}
