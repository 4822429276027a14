/** How this page shows who it is. Kept for as long as the tab lives; a page of another site never sees it. */
const PLACE = 'tailrace.login'

type Listener = () => void
const listeners = new Set<Listener>()
let isAsked = false

export function authorization(): string | null {
  return sessionStorage.getItem(PLACE)
}

export function logInWithPassword(user: string, password: string): void {
  const bytes = new TextEncoder().encode(`${user}:${password}`)
  keep(`Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`)
}

export function logInWithToken(token: string): void {
  keep(`Bearer ${token}`)
}

export function logOut(): void {
  sessionStorage.removeItem(PLACE)
  askForLogin(null)
}

/**
 * The worker wants one, or did not take the one that it got: that is not tried again, for each wrong try makes the worker
 * slower. @param used what it got; another one may have been given meanwhile
 */
export function askForLogin(used: string | null): void {
  if (used !== authorization()) return
  sessionStorage.removeItem(PLACE)
  isAsked = true
  tell()
}

/** The worker answered. */
export function loginWasRight(): void {
  if (!isAsked) return
  isAsked = false
  tell()
}

export function isLoginAsked(): boolean {
  return isAsked
}

export function onLoginChange(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function keep(value: string): void {
  sessionStorage.setItem(PLACE, value)
  tell()
}

function tell(): void {
  for (const listener of listeners) listener()
}
