import type { Signal } from './signal.ts'

/** Somewhere that signals come from besides the stream. */
export interface SignalChannel {
  readonly name: string
  /** What is new since the last call. What cannot be understood is said in the log and left out. */
  read(): Promise<readonly Signal[]>
  /** What the last call of `read` gave is done, durably: it must not come again. */
  done(): Promise<void>
  close(): Promise<void>
}
