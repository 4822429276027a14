import { compressionsAlgorithms } from '@platformatic/kafka'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** As much as a text may have: no batch that a producer means comes near. */
const MOST_BYTES = 512 * 1024 * 1024
const GZIP = compressionsAlgorithms.gzip.bitmask
const ZSTD = compressionsAlgorithms.zstd.bitmask
const others = Object.values(compressionsAlgorithms)

/**
 * The records of a compressed batch. Of gzip and zstd a few bytes can stand for gigabytes, so they have a bound; lz4 and
 * snappy grow some hundredfold at most. Throws what is wrong in a few words.
 *
 * @param compression as the batch's attributes have it
 */
export function unpackRecords(packed: Buffer, compression: number, mostBytes = MOST_BYTES): Buffer {
  const bound = { maxOutputLength: mostBytes }
  try {
    if (compression === GZIP) return gunzipSync(packed, bound)
    if (compression === ZSTD) return zstdDecompressSync(packed, bound)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error
    throw new Error(`its records are more than ${mostBytes} bytes when they are unpacked`, { cause: error })
  }
  const algorithm = others.find(({ bitmask }) => bitmask === compression)
  if (algorithm === undefined) throw new Error(`its compression ${compression} is not known here`)
  return algorithm.decompressSync(packed)
}
