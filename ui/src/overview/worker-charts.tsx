import { useMessages } from '../i18n/language.tsx'
import { BYTE_STEPS, useNumbers } from '../i18n/numbers.ts'
import { useSamples } from '../live/use-live.ts'
import { Measure } from '../parts/measure.tsx'
import { overviewMessages } from './messages.ts'

/** The worker as a whole: what flows, and what waits. */
export function WorkerCharts() {
  const t = useMessages(overviewMessages)
  const { compact, bytes, duration } = useNumbers()
  const { totals } = useSamples()
  const { captured, delivered, lagRecords, lagMs, walBytes, delayMs } = totals
  const [capturedNow, deliveredNow] = [compact(captured.last), compact(delivered.last)]
  const delay = duration(lastKnown(delayMs.values))
  return (
    <div className="charts">
      <Measure
        title={t.throughput}
        value={t.perSecond(compact(Math.max(captured.last || 0, delivered.last || 0)))}
        summary={t.throughputNow(capturedNow, deliveredNow)}
        lines={[
          { label: t.captured, values: captured.values },
          { label: t.delivered, values: delivered.values },
        ]}
        format={compact}
      />
      <Measure
        title={t.lag}
        value={t.records(compact(lagRecords.last))}
        more={Number.isFinite(lagMs.last) ? duration(lagMs.last) : undefined}
        summary={t.now(t.lag, t.records(compact(lagRecords.last)))}
        lines={[{ label: t.lag, values: lagRecords.values }]}
        format={compact}
      />
      <Measure
        title={t.wal}
        value={bytes(walBytes.last)}
        summary={t.now(t.wal, bytes(walBytes.last))}
        lines={[{ label: t.wal, values: walBytes.values }]}
        steps={BYTE_STEPS}
        format={bytes}
      />
      <Measure
        title={t.delay}
        value={delay}
        summary={t.now(t.delay, delay)}
        lines={[{ label: t.delay, values: delayMs.values }]}
        format={duration}
      />
    </div>
  )
}

function lastKnown(values: Float64Array): number {
  return values.findLast((value) => !Number.isNaN(value)) ?? NaN
}
