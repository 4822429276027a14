import type { BulkBody } from './bulk-body.ts'

/** Knows which unfinished body holds the newest item of each document, so that items of one document stay in order. */
export class DocumentOrder {
  readonly #holders = new Map<string, BulkBody>()

  /** `body` is about to hold an item of this document: it must follow the body that holds an older one. */
  claim(documentName: string, body: BulkBody): void {
    const holder = this.#holders.get(documentName)
    if (holder === body) return
    if (holder !== undefined) body.waitsFor.add(holder)
    this.#holders.set(documentName, body)
  }

  isHeld(documentName: string): boolean {
    return this.#holders.has(documentName)
  }

  /** The body is done with its documents, or about to be filled with some of them only. */
  release(body: BulkBody): void {
    for (const id of body.orderedIds) {
      if (id !== null && this.#holders.get(id) === body) this.#holders.delete(id)
    }
  }

  /** After `release`, for what the body still holds. A newer body keeps its documents: it waits for this one already. */
  hold(body: BulkBody): void {
    for (const id of body.orderedIds) {
      if (id !== null && !this.#holders.has(id)) this.#holders.set(id, body)
    }
  }
}
