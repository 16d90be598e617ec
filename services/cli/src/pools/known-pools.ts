import type { Messaging } from "@sluice/messaging";
import { buckets, decodePoolRecord, InferenceError, type PoolRecord } from "@sluice/protocol";

/** A pool of the bucket `sluice_pools`. */
export interface KnownPool {
  readonly pool: string;
  readonly record: PoolRecord;
}

/**
 * Reads every pool that was ever owned, sorted by name; with `only`, that one.
 * @throws {InferenceError} `notFound` when there is none, or not the one asked for; `unavailable` when JetStream is away.
 */
export async function readPools(messaging: Messaging, only?: string): Promise<readonly KnownPool[]> {
  const bucket = await messaging.keyValue(buckets.pools);
  const names = (await bucket.keys()).toSorted((a, b) => (a < b ? -1 : 1));
  if (names.length === 0) {
    throw new InferenceError("notFound", "no pool is known: are a dispatcher and a worker running?");
  }
  if (only !== undefined && !names.includes(only)) {
    throw new InferenceError("notFound", `no pool "${only}" is known; there are: ${names.join(", ")}`);
  }
  const pools: KnownPool[] = [];
  for (const pool of only === undefined ? names : [only]) {
    const entry = await bucket.get(pool);
    if (entry !== undefined) pools.push({ pool, record: decodePoolRecord(entry.value) });
  }
  return pools;
}
