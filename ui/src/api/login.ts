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
  askForLogin()
}

/** The worker wants one, or did not take the one that it got. */
export function askForLogin(): void {
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
