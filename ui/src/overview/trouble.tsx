import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { rootCause } from '../parts/failure-text.ts'
import { Notice } from '../parts/notice.tsx'
import { linkTo } from '../shell/route.ts'
import { overviewMessages } from './messages.ts'

/** The connectors that do not do what they should, and why in a line each. */
export function Trouble({ connectors }: { readonly connectors: readonly ConnectorView[] }) {
  const t = useMessages(overviewMessages)
  const found = connectors.filter(
    ({ problems, tasks }) => problems.length > 0 || tasks.some((task) => task.waits_for !== undefined),
  )
  if (found.length === 0) return null
  return (
    <Notice tone="bad" title={t.trouble}>
      <ul className="trouble">
        {found.slice(0, 20).map((connector) => (
          <li key={connector.name}>
            <a href={linkTo('connectors', connector.name)}>{connector.name}</a>{' '}
            <span>{reasonOf(connector)}</span>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** What is at the bottom of a failure says more than what it ended in. */
function reasonOf({ problems, trace, tasks }: ConnectorView): string {
  const failed = [trace, ...tasks.map((task) => task.trace)].find((text) => text)
  const waits = tasks.find((task) => task.waits_for !== undefined)?.waits_for
  const line = failed ? rootCause(failed) : (waits ?? problems[0]!.split('\n')[0]!)
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
