export type Language = 'en' | 'ko'

type Text = string | ((...values: never[]) => string)

/** The same messages in another language; none may be missing, none be there besides. */
type Translated<M> = { readonly [K in keyof M]: M[K] extends string ? string : M[K] }

export type Messages<M> = Readonly<Record<Language, Translated<M>>>

/** The messages of a page. A translation that is missing does not compile. */
export function defineMessages<M extends Readonly<Record<string, Text>>>(
  en: M,
  ko: Translated<M>,
): Messages<M> {
  return { en: en as Translated<M>, ko }
}
