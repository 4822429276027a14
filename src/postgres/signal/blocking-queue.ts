import type { JsonObject } from '../../api/record.ts'
import type { SnapshotRequest } from './snapshot-request.ts'

/** A blocking snapshot that was asked for. */
export interface BlockingRequest {
  readonly id: string
  /** `schema.table`. */
  readonly tables: readonly string[]
  readonly request: SnapshotRequest
}

/** Tailrace's own field of offsets: the reference forgets a blocking snapshot that a crash interrupts. */
const FIELD = 'tailrace_blocking_snapshots'

/** Blocking snapshots that are to be read, one after the other; kept with the offsets until they are complete. */
export class BlockingQueue {
  #requests: readonly BlockingRequest[] = []

  get first(): BlockingRequest | null {
    return this.#requests[0] ?? null
  }

  add(request: BlockingRequest): void {
    this.#requests = [...this.#requests, request]
  }

  /** The first one is complete. */
  completed(): void {
    this.#requests = this.#requests.slice(1)
  }

  restore(offset: JsonObject): void {
    const stored = offset[FIELD]
    if (typeof stored !== 'string') return
    try {
      const requests: unknown = JSON.parse(stored)
      if (Array.isArray(requests)) this.#requests = requests as readonly BlockingRequest[]
    } catch {
      // Only this program writes it; who has changed it by hand has asked for nothing.
    }
  }

  offset(): JsonObject {
    return this.#requests.length === 0 ? {} : { [FIELD]: JSON.stringify(this.#requests) }
  }
}
