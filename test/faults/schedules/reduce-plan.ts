import type { RunPlan } from './run-plan.ts'

/**
 * A plan with fewer faults and less work that still fails, as far as so many attempts lead. What fails by chance may not
 * fail again, so what comes out is only ever a plan that did fail.
 */
export async function reducePlan(
  plan: RunPlan,
  fails: (smaller: RunPlan) => Promise<boolean>,
  attempts: number,
): Promise<RunPlan> {
  let least = plan
  let left = attempts
  const isSmaller = async (smaller: RunPlan): Promise<boolean> => {
    if (left-- <= 0 || !(await fails(smaller))) return false
    least = smaller
    return true
  }
  // Halves at first, then single ones.
  for (let size = Math.ceil(plan.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < least.faults.length;) {
      const faults = least.faults.toSpliced(at, size)
      if (!(await isSmaller({ ...least, faults }))) at += size
    }
  }
  for (;;) {
    const workMs = Math.max(lastFaultMs(least), Math.round(least.workMs / 2))
    if (workMs >= least.workMs || !(await isSmaller({ ...least, workMs }))) return least
  }
}

function lastFaultMs({ faults }: RunPlan): number {
  return Math.max(1000, ...faults.map(({ atMs }) => atMs))
}
