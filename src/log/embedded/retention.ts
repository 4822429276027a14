import type { Segment } from './partition-log.ts'
import type { TopicPolicy } from './topic-config.ts'

/**
 * How many of a partition's segments, counted from the oldest, retention lets go. By time as Kafka does, after the
 * largest timestamp of a segment; by size while what is left is not below the limit. A segment without records is the
 * one about to be written and stays.
 */
export function expiredSegments(segments: readonly Segment[], policy: TopicPolicy, nowMs: number): number {
  let excess = segments.reduce((bytes, { length }) => bytes + length, 0) - (policy.retentionBytes ?? Infinity)
  let count = 0
  for (const segment of segments) {
    if (segment.length === 0) break
    const isOld = policy.retentionMs !== null && segment.maxTimestamp < nowMs - policy.retentionMs
    const isLast = count === segments.length - 1
    const isTooMuch = !isLast && excess >= segment.length
    if (!isOld && !isTooMuch) break
    excess -= segment.length
    count++
  }
  return count
}
