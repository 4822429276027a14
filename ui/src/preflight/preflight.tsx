import type { Config } from '../config-form/validation.ts'
import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { FindingItem } from './finding-item.tsx'
import { preflightMessages } from './messages.ts'
import { usePreflight, type Examined } from './use-preflight.ts'
import './preflight.css'

interface PreflightProps {
  readonly connectors: readonly { readonly name: string; readonly config: Config }[]
  /** The configurations are valid. */
  readonly isReady: boolean
}

/** What connectors that are to be need of their servers, with what mends it. */
export function Preflight({ connectors, isReady }: PreflightProps) {
  const t = useMessages(preflightMessages)
  const { found, error, lookAgain } = usePreflight(connectors, isReady)
  const isLooking = isReady && found === null && error === null
  return (
    <section className="panel panel-padded stack" aria-label={t.title}>
      <div className="row-apart">
        <h2>{t.title}</h2>
        <button
          type="button"
          className="button button-small"
          disabled={!isReady || isLooking}
          onClick={lookAgain}
        >
          {t.again}
        </button>
      </div>
      <p className="soft small">{t.hint}</p>
      <p className="small" role="status">
        {isReady ? isLooking ? t.looking : <Sums found={found ?? []} /> : t.waits}
      </p>
      {error === null ? null : (
        <Notice tone="bad" title={t.failed}>
          {error}
        </Notice>
      )}
      {(found ?? []).map((examined) => (
        <Findings key={examined.name} examined={examined} />
      ))}
    </section>
  )
}

function Sums({ found }: { readonly found: readonly Examined[] }) {
  const t = useMessages(preflightMessages)
  const levels = found.flatMap(({ findings }) => findings.map(({ level }) => level))
  const count = (wanted: string): number => levels.filter((level) => level === wanted).length
  const [failures, warnings] = [count('FAIL'), count('WARN')]
  const parts = [
    ...(failures > 0 ? [t.failures(failures)] : []),
    ...(warnings > 0 ? [t.warnings(warnings)] : []),
    ...(levels.length > 0 ? [t.good(count('OK'))] : []),
  ]
  return parts.join(', ')
}

function Findings({ examined: { name, findings } }: { readonly examined: Examined }) {
  const t = useMessages(preflightMessages)
  const bad = findings.filter(({ level }) => level === 'FAIL')
  const risky = findings.filter(({ level }) => level === 'WARN')
  const good = findings.filter(({ level }) => level === 'OK')
  const list = (some: typeof findings) => (
    <ul className="findings">
      {some.map((finding, index) => (
        <FindingItem key={index} finding={finding} />
      ))}
    </ul>
  )
  return (
    <div className="stack">
      <h3>{name}</h3>
      {bad.length + risky.length === 0 ? null : list([...bad, ...risky])}
      {good.length === 0 ? null : (
        <details>
          <summary>{t.good(good.length)}</summary>
          {list(good)}
        </details>
      )}
    </div>
  )
}
