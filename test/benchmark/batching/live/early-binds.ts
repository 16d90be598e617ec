import type { ServiceProcess } from "../../../system/cluster.ts";

/** Batches of some workers, and those of them that were bound earlier than they had to be, as the workers counted. */
export interface EarlyBinds {
  readonly batchCount: number;
  readonly earlyCount: number;
}

/** Counts the batches from now on; what it returns tells of those until then. */
export async function countEarlyBinds(
  workers: readonly ServiceProcess[],
): Promise<() => Promise<EarlyBinds>> {
  const sum = async (metric: string): Promise<number> => {
    const counts = await Promise.all(workers.map((worker) => worker.counter(metric)));
    return counts.reduce((total, count) => total + count, 0);
  };
  const read = async (): Promise<EarlyBinds> => ({
    batchCount: await sum("sluice_worker_early_bind_seconds_count"),
    earlyCount: await sum("sluice_worker_batches_bound_early_total"),
  });
  const before = await read();
  return async () => {
    const after = await read();
    return {
      batchCount: after.batchCount - before.batchCount,
      earlyCount: after.earlyCount - before.earlyCount,
    };
  };
}
