import type { RecordBatchReader } from '../../api/record-batch.ts'
import type { SinkRecord } from '../../api/record.ts'

/** The header in which the source names fields whose values were not sent: see docs/value-forms.md. */
const HEADER = 'tailrace.unchanged'
const HEADER_BYTES = Buffer.from(HEADER)

/** Names of fields that a record does not hold although their columns have values; null for most records. */
export function unchangedFieldsOf(reader: RecordBatchReader): readonly string[] | null {
  const { headersStart, headersEnd, bytes } = reader
  if (headersEnd <= headersStart) return null
  if (bytes.subarray(headersStart, headersEnd).indexOf(HEADER_BYTES) < 0) return null
  const header = reader.headers.findLast(({ name }) => name === HEADER)
  return header?.value === undefined || header.value === null
    ? null
    : namesIn(Buffer.from(header.value).toString())
}

export function unchangedFieldsOfRecord({ headers }: SinkRecord): readonly string[] | null {
  const value = headers.findLast(({ name }) => name === HEADER)?.value ?? null
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? namesIn(value) : null
}

/** A JSON list; as JsonConverter writes it as a header, the text of such a list. */
function namesIn(text: string): readonly string[] | null {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'string') return namesIn(parsed)
    return Array.isArray(parsed) ? parsed.map(String) : null
  } catch {
    return null
  }
}
