import { DataError } from '../../api/errors.ts'

/** In the type of a geometry: an SRID follows. */
export const HAS_SRID = 0x20000000
/** The byte order and the type. */
const HEAD_BYTES = 5
const SRID_BYTES = 4

/** Whether a geometry is in EWKB with an SRID. */
export function hasSrid(wkb: Uint8Array): boolean {
  return wkb.length >= HEAD_BYTES && (typeOf(wkb) & HAS_SRID) !== 0
}

/** The same geometry in WKB. */
export function withoutSrid(ewkb: Uint8Array): Uint8Array {
  if (ewkb.length < HEAD_BYTES + SRID_BYTES) throw tooShort(ewkb)
  const bytes = Buffer.concat([ewkb.subarray(0, HEAD_BYTES), ewkb.subarray(HEAD_BYTES + SRID_BYTES)])
  viewOf(bytes).setUint32(1, typeOf(ewkb) & ~HAS_SRID, isLittleEndian(ewkb))
  return bytes
}

/** The same geometry in EWKB. */
export function withSrid(wkb: Uint8Array, srid: number): Uint8Array {
  if (wkb.length < HEAD_BYTES) throw tooShort(wkb)
  const bytes = Buffer.concat([
    wkb.subarray(0, HEAD_BYTES),
    Buffer.alloc(SRID_BYTES),
    wkb.subarray(HEAD_BYTES),
  ])
  const view = viewOf(bytes)
  view.setUint32(1, (typeOf(wkb) | HAS_SRID) >>> 0, isLittleEndian(wkb))
  view.setInt32(HEAD_BYTES, srid, isLittleEndian(wkb))
  return bytes
}

function typeOf(wkb: Uint8Array): number {
  return viewOf(wkb).getUint32(1, isLittleEndian(wkb))
}

function isLittleEndian(wkb: Uint8Array): boolean {
  return wkb[0] === 1
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function tooShort({ length }: Uint8Array): DataError {
  return new DataError('connect.data-invalid', `A geometry of ${length} bytes ends too early`)
}
