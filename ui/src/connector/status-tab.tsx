import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { ConnectorCharts } from './connector-charts.tsx'
import { Counters } from './counters.tsx'
import { Failure } from './failure.tsx'
import { connectorMessages } from './messages.ts'
import { Reindexing } from './reindexing.tsx'
import { SnapshotProgress } from './snapshot-progress.tsx'
import { TaskTable } from './task-table.tsx'
import { Verification } from './verification.tsx'
import './connector.css'

/** How a connector does: what is wrong first, then its numbers. */
export function StatusTab({ connector }: { readonly connector: ConnectorView }) {
  const t = useMessages(connectorMessages)
  const { name, trace, tasks, problems, type } = connector
  const failed = tasks.filter((task) => task.trace !== undefined)
  const isExplained = trace !== null || failed.length > 0
  return (
    <div className="stack-wide">
      {trace === null ? null : <Failure title={t.failed} failure={{ trace }} />}
      {failed.map((task) => (
        <Failure
          key={task.id}
          title={task.state === 'FAILED' ? t.taskFailed(task.id) : t.taskRestarting(task.id)}
          failure={{ ...task, trace: task.trace ?? '' }}
        />
      ))}
      {tasks
        .filter((task) => task.waits_for !== undefined)
        .map((task) => (
          <Notice key={task.id} tone="warn" title={t.taskWaits(task.id)}>
            <p className="failure-cause">{task.waits_for}</p>
            <p>{t.waitsHint}</p>
          </Notice>
        ))}
      {problems.length > 0 && !isExplained ? (
        <Notice tone="warn" title={t.problems}>
          {problems.map((problem) => (
            <p key={problem}>{problem}</p>
          ))}
        </Notice>
      ) : null}
      <SnapshotProgress name={name} />
      <ConnectorCharts connector={connector} />
      <TaskTable connector={connector} />
      <Counters name={name} />
      {type === 'sink' ? (
        <>
          <Verification connector={connector} />
          <Reindexing key={name} connector={connector} />
        </>
      ) : null}
    </div>
  )
}
