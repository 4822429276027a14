import { useMessages } from '../i18n/language.tsx'
import { BYTE_STEPS, useNumbers } from '../i18n/numbers.ts'
import { ConnectorHistory } from '../live/connector-history.ts'
import { useHistory } from '../live/use-live.ts'
import type { ConnectorView } from '../live/worker-events.ts'
import { Measure } from '../parts/measure.tsx'
import { connectorMessages } from './messages.ts'

const NOTHING = new ConnectorHistory()

/** The numbers of a connector over the last minutes. */
export function ConnectorCharts({ connector: { name, type } }: { readonly connector: ConnectorView }) {
  const t = useMessages(connectorMessages)
  const { compact, bytes, duration } = useNumbers()
  const { rate, lagRecords, lagBytes, lagMs, walBytes, delayMs } = useHistory(name) ?? NOTHING
  const measure = (
    title: string,
    values: Float64Array,
    format: (value: number | undefined) => string,
    steps?: readonly number[],
  ) => {
    const value = format(values.findLast((known) => !Number.isNaN(known)))
    return (
      <Measure
        title={title}
        value={value}
        summary={t.now(title, value)}
        lines={[{ label: title, values }]}
        format={format}
        steps={steps}
      />
    )
  }
  return (
    <div className="charts">
      {measure(t.rate, rate.values, compact)}
      {type === 'source'
        ? measure(t.lag, lagBytes.values, bytes, BYTE_STEPS)
        : measure(t.lag, lagRecords.values, compact)}
      {measure(t.lagTime, lagMs.values, duration)}
      {type === 'source'
        ? measure(t.wal, walBytes.values, bytes, BYTE_STEPS)
        : measure(t.delay, delayMs.values, duration)}
    </div>
  )
}
