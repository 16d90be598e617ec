import { quantile } from "@sluice/load-generator";
import type { BenchmarkClient } from "./benchmark-client.ts";
import { isRight, type Workload } from "./workload.ts";

/** What one window of load saw. */
export interface WindowResult {
  readonly completedCount: number;
  readonly errorCount: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const maxSamples = 4_000_000;
/** Every so many answers the values are compared. */
const checkEvery = 1024;

/**
 * Keeps `outstandingPerClient` calls open on every client for `windowMs`, then lets them end. Closed loop: the next call
 * starts when one ends, so latencies are those of a caller who waits.
 */
export async function runClosedLoop(
  clients: readonly BenchmarkClient[],
  options: {
    readonly workload: Workload;
    readonly outstandingPerClient: number;
    readonly windowMs: number;
  },
): Promise<WindowResult> {
  const { workload, outstandingPerClient } = options;
  const callers = await prepareCallers(clients, { workload, outstandingPerClient });
  const latencies = new Float64Array(maxSamples);
  let completedCount = 0;
  let errorCount = 0;
  const startMs = performance.now();
  const endMs = startMs + options.windowMs;

  async function loop({ client, input, expected }: Caller): Promise<void> {
    for (let sentMs = performance.now(); sentMs < endMs;) {
      try {
        const output = await client.call(input);
        const nowMs = performance.now();
        if (completedCount % checkEvery === 0 && !isRight(output, expected)) errorCount += 1;
        if (completedCount < maxSamples) latencies[completedCount] = nowMs - sentMs;
        completedCount += 1;
        sentMs = nowMs;
      } catch {
        errorCount += 1;
        sentMs = performance.now();
      }
    }
  }

  await Promise.all(callers.map(loop));
  const sorted = latencies.subarray(0, Math.min(completedCount, maxSamples)).sort();
  return {
    completedCount,
    errorCount,
    seconds: (performance.now() - startMs) / 1000,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** One of the calls that are open all the time. */
interface Caller {
  readonly client: BenchmarkClient;
  readonly input: Float32Array;
  readonly expected: { readonly values: Float32Array; readonly tolerance: number };
}

/** Callers by client, each with an input and its right answer. */
async function prepareCallers(
  clients: readonly BenchmarkClient[],
  { workload, outstandingPerClient }: { readonly workload: Workload; readonly outstandingPerClient: number },
): Promise<readonly Caller[]> {
  const callers: Caller[] = [];
  for (const client of clients) {
    for (let index = 0; index < outstandingPerClient; index++) {
      const input = workload.inputOf(callers.length);
      const values = await workload.answerTo(input);
      callers.push({ client, input, expected: { values, tolerance: workload.tolerance } });
    }
  }
  return callers;
}
