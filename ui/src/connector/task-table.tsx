import { call, pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { useAction } from '../parts/use-action.ts'
import { connectorMessages } from './messages.ts'

/** The tasks of a connector. */
export function TaskTable({ connector: { name, tasks } }: { readonly connector: ConnectorView }) {
  const t = useMessages(connectorMessages)
  const { run, isBusy, error } = useAction((task: number) =>
    call('POST', pathOf('connectors', name, 'tasks', task, 'restart')),
  )
  return (
    <section className="stack" aria-label={t.tasks}>
      <h2>{t.tasks}</h2>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {tasks.length === 0 ? (
        <p className="soft">{t.noTasks}</p>
      ) : (
        <div className="panel table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.tasks}</th>
                <th scope="col">{t.state}</th>
                <th scope="col">{t.worker}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.restart}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <tr key={task.id}>
                  <td className="nowrap">{t.task(task.id)}</td>
                  <td>
                    <StateBadge state={task.state} />
                    {task.restarts === undefined ? null : (
                      <p className="soft small">{t.restarted(task.restarts.count)}</p>
                    )}
                  </td>
                  <td className="mono nowrap">{task.worker_id}</td>
                  <td className="right">
                    <button
                      type="button"
                      className="button button-small"
                      disabled={isBusy}
                      aria-label={t.restartTask(task.id)}
                      onClick={() => void run(task.id)}
                    >
                      {t.restart}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
