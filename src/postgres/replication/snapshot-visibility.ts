import { formatLsn, parseLsn } from '../wire/lsn.ts'
import { ProtocolError } from '../wire/protocol-error.ts'

/**
 * What a snapshot has seen, as `pg_current_snapshot()` tells it, and an LSN behind all commits that it can have seen.
 * A slot that is older than the snapshot streams some of these transactions once more; asking here leaves out exactly
 * those.
 */
export class SnapshotVisibility {
  /** The position behind which no commit can be visible any more. */
  readonly endLsn: bigint
  readonly #text: string
  readonly #xmin: bigint
  readonly #xmax: bigint
  readonly #running: ReadonlySet<bigint>

  /** @param snapshot `xmin:xmax:xip,xip,…`, 64-bit transaction ids */
  constructor(snapshot: string, endLsn: bigint) {
    const match = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(snapshot)
    if (match === null) throw new ProtocolError(`"${snapshot}" is not a snapshot`)
    this.endLsn = endLsn
    this.#text = snapshot
    this.#xmin = BigInt(match[1]!)
    this.#xmax = BigInt(match[2]!)
    this.#running = new Set(match[3] === '' ? [] : match[3]!.split(',').map(BigInt))
  }

  /** From its `toString`. */
  static parse(text: string): SnapshotVisibility {
    const at = text.lastIndexOf('@')
    return new SnapshotVisibility(text.slice(0, Math.max(at, 0)), parseLsn(text.slice(at + 1)))
  }

  toString(): string {
    return `${this.#text}@${formatLsn(this.endLsn)}`
  }

  /** @param xid the low 32 bits of a committed transaction's id, as WAL has it */
  sees(xid: number): boolean {
    const full = this.#extend(xid)
    return full < this.#xmin || (full < this.#xmax && !this.#running.has(full))
  }

  /** The 64-bit id with these low bits that is nearest to the snapshot: ids more than 2^31 apart cannot coexist. */
  #extend(xid: number): bigint {
    const distance = BigInt.asIntN(32, BigInt(xid) - this.#xmax)
    return this.#xmax + distance
  }
}
