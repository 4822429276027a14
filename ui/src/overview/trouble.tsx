import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { linkTo } from '../shell/route.ts'
import { overviewMessages } from './messages.ts'

/** The connectors that do not do what they should, and why in a line each. */
export function Trouble({ connectors }: { readonly connectors: readonly ConnectorView[] }) {
  const t = useMessages(overviewMessages)
  const found = connectors.filter(({ problems }) => problems.length > 0)
  if (found.length === 0) return null
  return (
    <Notice tone="bad" title={t.trouble}>
      <ul className="trouble">
        {found.slice(0, 20).map(({ name, problems }) => (
          <li key={name}>
            <a href={linkTo('connectors', name)}>{name}</a> <span>{firstLine(problems[0]!)}</span>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function firstLine(reason: string): string {
  const line = reason.split('\n')[0]!
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
