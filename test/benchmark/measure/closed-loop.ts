import type { BenchmarkClient } from "./benchmark-client.ts";
import { quantile } from "./median.ts";

/** What one window of load saw. */
export interface WindowResult {
  readonly completedCount: number;
  readonly errorCount: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const maxSamples = 4_000_000;
/** Every so many answers the echoed values are compared. */
const checkEvery = 1024;

/**
 * Keeps `outstandingPerClient` calls open on every client for `windowMs`, then lets them end. Closed loop: the next call
 * starts when one ends, so latencies are those of a caller who waits.
 */
export async function runClosedLoop(
  clients: readonly BenchmarkClient[],
  options: { readonly outstandingPerClient: number; readonly windowMs: number },
): Promise<WindowResult> {
  const latencies = new Float64Array(maxSamples);
  let completedCount = 0;
  let errorCount = 0;
  const startMs = performance.now();
  const endMs = startMs + options.windowMs;

  async function loop(client: BenchmarkClient, input: Float32Array): Promise<void> {
    for (let sentMs = performance.now(); sentMs < endMs;) {
      try {
        const output = await client.call(input);
        const nowMs = performance.now();
        if (completedCount % checkEvery === 0 && !isEqual(input, output)) errorCount += 1;
        if (completedCount < maxSamples) latencies[completedCount] = nowMs - sentMs;
        completedCount += 1;
        sentMs = nowMs;
      } catch {
        errorCount += 1;
        sentMs = performance.now();
      }
    }
  }

  const loops = clients.flatMap((client, clientIndex) =>
    Array.from({ length: options.outstandingPerClient }, (_, index) =>
      loop(
        client,
        Float32Array.from({ length: 16 }, (_, element) => clientIndex + index + element),
      ),
    ),
  );
  await Promise.all(loops);
  const sorted = latencies.subarray(0, Math.min(completedCount, maxSamples)).sort();
  return {
    completedCount,
    errorCount,
    seconds: (performance.now() - startMs) / 1000,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

function isEqual(left: Float32Array, right: Float32Array): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
