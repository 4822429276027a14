import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { rootCause } from '../parts/failure-text.ts'
import { linkTo } from '../shell/route.ts'
import { RecordBody } from '../topics/record-list.tsx'
import type { Letter } from './letter.ts'
import { deadLetterMessages } from './messages.ts'

interface LetterItemProps {
  readonly letter: Letter
  readonly isChosen: boolean
  readonly onChoose: (isChosen: boolean) => void
}

/** One letter: why it is here, where it came from, what it holds. */
export function LetterItem({ letter, isChosen, onChoose }: LetterItemProps) {
  const t = useMessages(deadLetterMessages)
  const { time } = useNumbers()
  const { offset, timestamp, origin, connector, stage, message, trace, mark } = letter
  const why = trace === null ? (message ?? '') : rootCause(trace)
  const place = origin === null ? null : `${origin.topic} · ${origin.partition} · ${origin.offset}`
  return (
    <li>
      <div className="letter-choice">
        <input
          type="checkbox"
          aria-label={t.select(String(offset))}
          disabled={mark !== null}
          checked={isChosen}
          onChange={(event) => onChoose(event.target.checked)}
        />
      </div>
      <details className="letter">
        <summary>
          <span className="letter-why">{why === '' ? String(offset) : why}</span>
          <span className={`small ${mark === null ? 'letters-open' : 'soft'}`}>
            {mark === null ? t.isOpen : t[mark.action]}
          </span>
          <span className="letter-where soft small numeric">
            {[connector, place, time(timestamp)].filter((part) => part !== null).join(' · ')}
          </span>
        </summary>
        <div className="stack">
          <dl className="facts letter-facts">
            <dt>{t.from}</dt>
            <dd>
              {origin === null ? (
                t.noOrigin
              ) : (
                <a href={linkTo('topics', origin.topic, String(origin.partition), String(origin.offset))}>
                  {place}
                </a>
              )}
            </dd>
            {why === '' ? null : (
              <>
                <dt>{t.why}</dt>
                <dd>
                  {stage === null ? null : <code>{stage}</code>} {why}
                </dd>
              </>
            )}
          </dl>
          <RecordBody record={letter} />
          {trace === null ? null : (
            <details className="letter-facts">
              <summary>{t.trace}</summary>
              <pre className="trace">{trace}</pre>
            </details>
          )}
        </div>
      </details>
    </li>
  )
}
