import type { SourceTaskContext } from '../../api/source-task.ts'

/** Tells of snapshots where somebody looks at traces. */
export class SnapshotTraces {
  readonly #tracing: SourceTaskContext['tracing']
  /** Null: none is under way. */
  #startMs: number | null = null

  constructor({ tracing }: Pick<SourceTaskContext, 'tracing'>) {
    this.#tracing = tracing
  }

  started(): void {
    this.#startMs = this.#tracing?.nowMs() ?? null
  }

  ended(
    name: 'snapshot' | 'incremental snapshot',
    {
      isComplete,
      rows,
      tables,
    }: { readonly isComplete: boolean; readonly rows: number; readonly tables: number },
  ): void {
    const startMs = this.#startMs
    this.#startMs = null
    if (startMs === null || this.#tracing == null) return
    this.#tracing.report({
      name,
      parent: null,
      startMs,
      endMs: this.#tracing.nowMs(),
      attributes: { 'tailrace.snapshot.rows': rows, 'tailrace.snapshot.tables': tables },
      error: isComplete ? null : 'interrupted',
    })
  }
}
