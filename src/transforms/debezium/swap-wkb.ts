import { DataError } from '../../api/errors.ts'
import { HAS_SRID } from './wkb-format.ts'

const HAS_Z = 0x80000000
const HAS_M = 0x40000000
const TYPE_BITS = 0xff
const ORDINATE_BYTES = 8

/** The geometry in (E)WKB with x and y of every point in each other's place, and all else as it was. What follows it is left out. */
export function swapWkb(wkb: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(wkb)
  const swapper = new Swapper(bytes)
  try {
    swapper.geometry()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw notGeometry('it ends too early')
  }
  return bytes.subarray(0, swapper.at)
}

/** Goes through a geometry, and swaps as it goes. */
class Swapper {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** How far it is. */
  at = 0
  #isLittleEndian = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  geometry(): void {
    const type = this.#head()
    const pointBytes = (2 + ((type & HAS_Z) === 0 ? 0 : 1) + ((type & HAS_M) === 0 ? 0 : 1)) * ORDINATE_BYTES
    if ((type & HAS_SRID) !== 0) this.#number()
    switch (type & TYPE_BITS) {
      case 1:
        return this.#point(pointBytes)
      case 2:
        return this.#points(pointBytes)
      case 3:
        return this.#rings(pointBytes)
      // The parts of the next three have no SRID and no dimensions of their own.
      case 4:
        return this.#parts(() => this.#part(() => this.#point(pointBytes)))
      case 5:
        return this.#parts(() => this.#part(() => this.#points(pointBytes)))
      case 6:
        return this.#parts(() => this.#part(() => this.#rings(pointBytes)))
      case 7:
        return this.#parts(() => this.geometry())
      default:
        throw notGeometry(`${type & TYPE_BITS} is no type of geometry`)
    }
  }

  #part(swap: () => void): void {
    this.#head()
    swap()
  }

  /** The byte order and the type; the order holds until the next. */
  #head(): number {
    this.#isLittleEndian = this.#view.getUint8(this.at++) === 1
    return this.#number()
  }

  #number(): number {
    const value = this.#view.getUint32(this.at, this.#isLittleEndian)
    this.at += 4
    return value
  }

  #parts(part: () => void): void {
    const wasLittleEndian = this.#isLittleEndian
    for (let left = this.#number(); left > 0; left--) part()
    this.#isLittleEndian = wasLittleEndian
  }

  #rings(pointBytes: number): void {
    this.#parts(() => this.#points(pointBytes))
  }

  #points(pointBytes: number): void {
    for (let left = this.#number(); left > 0; left--) this.#point(pointBytes)
  }

  #point(pointBytes: number): void {
    const at = this.at
    // Throws where the point is not there to its end.
    this.#view.getUint8(at + pointBytes - 1)
    const x = this.#bytes.slice(at, at + ORDINATE_BYTES)
    this.#bytes.copyWithin(at, at + ORDINATE_BYTES, at + 2 * ORDINATE_BYTES)
    this.#bytes.set(x, at + ORDINATE_BYTES)
    this.at += pointBytes
  }
}

function notGeometry(why: string): DataError {
  return new DataError('connect.data-invalid', `Failed to swap EWKB/WKB coordinates: ${why}`)
}
