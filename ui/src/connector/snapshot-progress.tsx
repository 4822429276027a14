import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { useHistory } from '../live/use-live.ts'
import { ProgressBar } from '../parts/progress-bar.tsx'
import { connectorMessages } from './messages.ts'

/** How far the snapshot of a source is, while there is one. */
export function SnapshotProgress({ name }: { readonly name: string }) {
  const t = useMessages(connectorMessages)
  const { compact } = useNumbers()
  const {
    snapshot_running: running,
    snapshot_rows: rows = 0,
    snapshot_expected_rows: expected = 0,
    snapshot_remaining: remaining = 0,
    snapshot_tables: tables = 0,
  } = useHistory(name)?.numbers ?? {}
  if (running !== 1) return null
  const byTables = tables > 0 ? (tables - remaining) / tables : null
  const left = compact(remaining)
  return (
    <div className="panel panel-padded">
      <ProgressBar
        label={t.snapshot}
        share={expected > 0 ? rows / Math.max(expected, rows) : byTables}
        detail={
          expected > 0
            ? t.snapshotDetail(compact(rows), compact(expected), left)
            : t.snapshotRows(compact(rows), left)
        }
      />
    </div>
  )
}
