import type { ServiceProcess } from "../../../system/cluster.ts";

/** How long sequences waited for their first decode step, by what their worker counted. */
export interface Joins {
  readonly count: number;
  /** Steps that ended while the one that waited longest did so: exact up to 2, an upper bound beyond. */
  readonly mostSteps: number;
}

const metric = "sluice_worker_sequence_joining_steps";

/** Counts the joins from now on; what it returns tells of those until then. */
export async function countJoins(worker: ServiceProcess): Promise<() => Promise<Joins>> {
  const before = await readBuckets(worker);
  return async () => {
    const after = await readBuckets(worker);
    const counts = after.map(({ steps, count }, index) => ({
      steps,
      count: count - (before[index]?.count ?? 0),
    }));
    const count = counts.at(-1)?.count ?? 0;
    const mostSteps = counts.find((bucket) => bucket.count === count)?.steps ?? 0;
    return { count, mostSteps };
  };
}

/** Upper bounds of the histogram's buckets, each with the joins that took no more steps. */
async function readBuckets(worker: ServiceProcess): Promise<readonly { steps: number; count: number }[]> {
  const bounds = ["0", "1", "2", "4", "8", "16", "32", "64", "+Inf"];
  return await Promise.all(
    bounds.map(async (le) => ({
      steps: le === "+Inf" ? Infinity : Number(le),
      count: await worker.counter(`${metric}_bucket`, { le }),
    })),
  );
}
