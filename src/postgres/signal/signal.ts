import { parseJsonRecord, type JsonRecord } from './json-record.ts'

/** A command to the connector, from whatever channel. */
export interface Signal {
  readonly id: string
  readonly type: string
  /** JSON; null: there is none. */
  readonly data: string | null
}

/** A signal of a topic or a file: `{"id": …, "type": …, "data": {…}}`. Throws for what is none. */
export function parseSignal(json: string): Signal {
  const { id, type, data } = parseJsonRecord(json)
  if (typeof type !== 'string' || type === '') throw new Error('it has no "type"')
  return {
    id: typeof id === 'string' ? id : id === undefined || id === null ? '' : JSON.stringify(id),
    type,
    data: data === undefined || data === null ? null : typeof data === 'string' ? data : JSON.stringify(data),
  }
}

/** The data of a signal as an object; empty without any. Throws for what is no JSON object. */
export function signalData({ data }: Signal): JsonRecord {
  return data === null || data.trim() === '' ? {} : parseJsonRecord(data)
}
