import { call } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { useConnectors, useSamples, useWorkerInfo } from '../live/use-live.ts'
import type { ConnectorView } from '../live/worker-events.ts'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { workerMessages } from './messages.ts'

const LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const

/** Who runs what, and the worker that answers. */
export function WorkersPage() {
  const t = useMessages(workerMessages)
  const { count, bytes } = useNumbers()
  const connectors = useConnectors()
  const info = useWorkerInfo()
  const { memoryBytes } = useSamples()
  const workers = [...loads(connectors)].sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <div className="stack-wide">
      <h1>{t.title}</h1>
      {info === null ? null : (
        <section className="stack" aria-label={t.this}>
          <h2>{t.this}</h2>
          <dl className="panel counters">
            {[
              [t.version, info.commit],
              [t.speaks, info.version],
              [t.cluster, info.kafka_cluster_id],
              [t.group, info.has_group ? t.inGroup : t.alone],
              [t.memory, memoryBytes === 0 ? '–' : bytes(memoryBytes)],
            ].map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="worker-fact">{value}</dd>
              </div>
            ))}
          </dl>
          <LogLevel />
        </section>
      )}
      {workers.length === 0 ? (
        <p className="soft">{t.none}</p>
      ) : (
        <div className="panel table-scroll">
          <table className="table numeric">
            <thead>
              <tr>
                {[t.worker, t.connectors, t.tasks, t.failed].map((title) => (
                  <th scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {workers.map(([worker, load]) => (
                <tr key={worker}>
                  <td className="mono">{worker}</td>
                  <td>{count(load.connectors)}</td>
                  <td>{count(load.tasks)}</td>
                  <td>{count(load.failed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {info?.has_group === true ? <p className="soft small">{t.onlyOwn}</p> : null}
    </div>
  )
}

interface Load {
  connectors: number
  tasks: number
  failed: number
}

function loads(connectors: readonly ConnectorView[]): ReadonlyMap<string, Load> {
  const workers = new Map<string, Load>()
  const of = (worker: string): Load => {
    const known = workers.get(worker) ?? { connectors: 0, tasks: 0, failed: 0 }
    workers.set(worker, known)
    return known
  }
  for (const { worker_id: worker, tasks } of connectors) {
    of(worker).connectors++
    for (const task of tasks) {
      of(task.worker_id).tasks++
      if (task.state === 'FAILED') of(task.worker_id).failed++
    }
  }
  return workers
}

function LogLevel() {
  const t = useMessages(workerMessages)
  const { data, error, reload } = useLoaded<{ readonly level: string }>('/admin/loggers/root')
  const change = useAction(async (level: string) => {
    await call('PUT', '/admin/loggers/root', { body: { level } })
    reload()
  })
  // The endpoints below /admin may be at another address.
  if (error !== null || data === null) return null
  return (
    <>
      {change.error === null ? null : <Notice tone="bad">{change.error}</Notice>}
      <Field label={t.level} hint={t.levelHint}>
        {(props) => (
          <select
            {...props}
            className="input log-level"
            value={data.level}
            disabled={change.isBusy}
            onChange={(event) => void change.run(event.target.value)}
          >
            {[...new Set([...LEVELS, data.level])].map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        )}
      </Field>
    </>
  )
}
