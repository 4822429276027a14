import { useState } from 'react'
import { pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { linkTo } from '../shell/route.ts'
import { discardLetters, retryLetters, type LetterPage, type Outcome } from './letter.ts'
import { LetterActions } from './letter-actions.tsx'
import { LetterItem } from './letter-item.tsx'
import { deadLetterMessages } from './messages.ts'

/** The letters of a topic: to look at, to retry, to discard. */
export function LettersPage({ topic }: { readonly topic: string }) {
  const t = useMessages(deadLetterMessages)
  const [before, setBefore] = useState<string | null>(null)
  const path = `${pathOf('dead-letters', topic)}${before === null ? '' : `?before=${before}`}`
  const { data, error, reload } = useLoaded<LetterPage>(path)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([])
  const letters = data?.records ?? []
  const offsets = letters.map(({ offset }) => offset).filter((offset) => chosen.has(String(offset)))
  const finish = (result: readonly Outcome[]): void => {
    setOutcomes(result)
    setChosen(new Set())
    reload()
  }
  const retry = useAction(async () => finish(await retryLetters(topic, offsets)))
  const discard = useAction(async () => {
    await discardLetters(topic, offsets)
    finish([])
  })
  const open = letters.filter(({ mark }) => mark === null).map(({ offset }) => String(offset))
  const failure = error ?? retry.error ?? discard.error
  return (
    <div className="stack">
      <a className="small" href={linkTo('dead-letters')}>
        ← {t.back}
      </a>
      <h1>{topic}</h1>
      {failure === null ? null : <Notice tone="bad">{failure}</Notice>}
      <Outcomes outcomes={outcomes} />
      {data !== null && letters.length === 0 ? <p className="soft">{t.empty}</p> : null}
      {letters.length === 0 ? null : (
        <>
          <LetterActions
            open={open}
            chosen={chosen}
            isBusy={retry.isBusy || discard.isBusy}
            onChoose={setChosen}
            onRetry={() => void retry.run()}
            onDiscard={() => void discard.run()}
            onReload={() => {
              setBefore(null)
              reload()
            }}
          />
          <ul className="panel letter-list">
            {letters.map((letter) => (
              <LetterItem
                key={String(letter.offset)}
                letter={letter}
                isChosen={chosen.has(String(letter.offset))}
                onChoose={(isChosen) => {
                  const next = new Set(chosen)
                  if (isChosen) next.add(String(letter.offset))
                  else next.delete(String(letter.offset))
                  setChosen(next)
                }}
              />
            ))}
          </ul>
          {data?.before === null ? null : (
            <div>
              <button
                type="button"
                className="button button-small"
                onClick={() => setBefore(String(data?.before))}
              >
                {t.older}
              </button>
            </div>
          )}
        </>
      )}
    </div>
  )
}

function Outcomes({ outcomes }: { readonly outcomes: readonly Outcome[] }) {
  const t = useMessages(deadLetterMessages)
  const counted = Map.groupBy(outcomes, (outcome) => outcome)
  if (counted.size === 0) return null
  const isGood = [...counted.keys()].every((outcome) => outcome === 'retried')
  return (
    <Notice tone={isGood ? 'good' : 'warn'}>
      {[...counted].map(([outcome, all]) => (
        <p key={outcome}>{t.outcome(t[`outcome.${outcome}`], all.length)}</p>
      ))}
    </Notice>
  )
}
