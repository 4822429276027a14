import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import type { Language, Messages } from './define-messages.ts'

const PLACE = 'tailrace.language'

interface Choice {
  readonly language: Language
  readonly choose: (language: Language) => void
}

const LanguageContext = createContext<Choice>({ language: 'en', choose: () => undefined })

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(preferred)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choose = (chosen: Language): void => {
    localStorage.setItem(PLACE, chosen)
    setLanguage(chosen)
  }
  return <LanguageContext value={{ language, choose }}>{children}</LanguageContext>
}

export function useLanguage(): Choice {
  return useContext(LanguageContext)
}

export function useMessages<M>(messages: Messages<M>): Messages<M>[Language] {
  return messages[useLanguage().language]
}

function preferred(): Language {
  const chosen = localStorage.getItem(PLACE)
  if (chosen === 'en' || chosen === 'ko') return chosen
  return navigator.languages.some((tag) => tag.startsWith('ko')) ? 'ko' : 'en'
}
