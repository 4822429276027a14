import { useState, type FormEvent } from 'react'
import { call } from '../api/client.ts'
import { logInWithPassword, logInWithToken } from '../api/login.ts'
import { useMessages } from '../i18n/language.tsx'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import { shellMessages } from './messages.ts'

/** Who one is; the worker says whether it is right. */
export function LoginPage() {
  const t = useMessages(shellMessages)
  const [isToken, setIsToken] = useState(false)
  const [isWrong, setIsWrong] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const logIn = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string): string => form.get(name) as string
    setIsBusy(true)
    if (isToken) logInWithToken(text('token').trim())
    else logInWithPassword(text('user'), text('password'))
    // When it is right this page goes away.
    await call('GET', '/').catch(() => setIsWrong(true))
    setIsBusy(false)
  }
  return (
    <form className="panel panel-padded stack login" onSubmit={(event) => void logIn(event)}>
      <h1>{t.loginTitle}</h1>
      <p className="soft small">{t.loginHint}</p>
      <div className="row" role="radiogroup" aria-label={t.loginTitle}>
        {[false, true].map((kind) => (
          <label className="check" key={String(kind)}>
            <input type="radio" name="kind" checked={isToken === kind} onChange={() => setIsToken(kind)} />
            {kind ? t.withToken : t.withPassword}
          </label>
        ))}
      </div>
      {isToken ? (
        <Field label={t.token}>
          {(props) => (
            <input {...props} className="input" name="token" type="password" required autoComplete="off" />
          )}
        </Field>
      ) : (
        <>
          <Field label={t.user}>
            {(props) => <input {...props} className="input" name="user" required autoComplete="username" />}
          </Field>
          <Field label={t.password}>
            {(props) => (
              <input
                {...props}
                className="input"
                name="password"
                type="password"
                required
                autoComplete="current-password"
              />
            )}
          </Field>
        </>
      )}
      {isWrong && !isBusy ? <Notice tone="bad">{t.loginWrong}</Notice> : null}
      <button type="submit" className="button button-primary" disabled={isBusy}>
        {t.logIn}
      </button>
    </form>
  )
}
