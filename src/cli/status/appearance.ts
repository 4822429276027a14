import { styleText } from 'node:util'
import type { Appearance, Colour } from './status-text.ts'

/** What is piped is neither coloured nor broken. */
const ENDLESS = 100_000

/** How lines look on standard output: coloured on a terminal, unless `NO_COLOR` says otherwise. */
export function appearance(mostLines: number): Appearance {
  const { isTTY, columns } = process.stdout
  return { paint, width: isTTY ? columns || 80 : ENDLESS, mostLines }
}

export function paint(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
