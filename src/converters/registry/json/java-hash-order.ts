/**
 * Names in the order in which Java's `HashMap` goes through them. The reference prints its schemas from such maps, and a
 * registry takes a schema for new where its text differs.
 */
export function javaHashOrder(names: readonly string[]): string[] {
  let capacity = 16
  while (names.length > capacity * 0.75) capacity *= 2
  const bucket = (name: string): number => {
    const hash = javaHash(name)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  // Sorting is stable: within a bucket, names stay as they were put in.
  return [...names].sort((a, b) => bucket(a) - bucket(b))
}

function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0
  return hash
}
