/** A place in a trace, as W3C Trace Context has it: 32 and 16 hexadecimal digits. */
export interface SpanContext {
  readonly traceId: string
  readonly spanId: string
}

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** Something that took place, told once it is over. No row data and no secrets: traces leave the machine. */
export interface ReportedSpan {
  /** One of few: what differs from one to the next belongs in the attributes. */
  readonly name: string
  readonly kind?: SpanKind
  /** Null: a trace of its own. */
  readonly parent: SpanContext | null
  /** What else it comes of. */
  readonly links?: readonly SpanContext[]
  /** Milliseconds since 1970, with fractions: see `TaskTracing.nowMs`. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes?: SpanAttributes
  /** Why it failed, in few words. */
  readonly error?: string | null
}

/** For tasks that tell what took them their time. There only while somebody looks at traces. */
export interface TaskTracing {
  /** The `put` under way, of which spans are parts; null: it is not among those that are traced. */
  readonly current: SpanContext | null
  nowMs(): number
  /** For what must name its place before it is told. Null: its trace is not among those that are kept. */
  begin(parent: SpanContext | null): SpanContext | null
  /** Tells of what was begun. */
  end(context: SpanContext, span: ReportedSpan): void
  /** Cheap enough for every request, not meant for every record. */
  report(span: ReportedSpan): void
}
