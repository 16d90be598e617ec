import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TenantPolicy } from "@sluice/scheduling";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { createCrowd, plain, tenantCount } from "./crowd.ts";

const limits = { models: ["a"], maxItems: () => 64, maxBytes: Infinity, alone: false };

/** What a hundred thousand tenants leave in the queue once they have nothing waiting and nothing in flight, but a debt. */
export const queueMemory: BenchmarkScenario = {
  name: "queue/memory",
  run: () => {
    const collect = createCollector();
    const byDefault = idleBytes(plain, collect);
    const limited = idleBytes({ ...plain, minShare: 1e-6, maxInFlight: 64 }, collect);
    return {
      name: "queue/memory",
      figures: {
        "bytes of an idle tenant": byDefault.bytes,
        "bytes of an idle tenant with minShare and maxInFlight": limited.bytes,
        "part of them with a debt": byDefault.debtPart,
        "part of them with a debt, with minShare and maxInFlight": limited.debtPart,
      },
      bar: "at most 200 bytes for an idle tenant, and 400 for one with limits; names and policies are the directory's",
      isMet: byDefault.bytes <= 200 && limited.bytes <= 400,
    };
  },
};

interface Idle {
  readonly bytes: number;
  /** Part of the tenants that the queue still knows, by what they received more than others. */
  readonly debtPart: number;
}

function idleBytes(policy: TenantPolicy, collect: () => void): Idle {
  const { queue, request } = createCrowd(() => policy);
  const usedBytes = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const beforeBytes = usedBytes();
  // One that keeps waiting, at nothing: whoever received more than that has a debt.
  queue.add({ ...request(0, "b"), deadlineMs: Infinity });
  serve({ queue, request });
  const bytes = (usedBytes() - beforeBytes) / tenantCount;
  const debts = [...queue.virtualTimes()].length;
  return { bytes, debtPart: debts / tenantCount };
}

/** Takes a request of each tenant, and settles them once all have been taken. */
function serve({ queue, request }: ReturnType<typeof createCrowd>): void {
  for (let tenant = 1; tenant < tenantCount; tenant++) queue.add(request(tenant, "a"));
  const taken = [];
  for (let batch = queue.take(limits, 0); batch.length > 0; batch = queue.take(limits, 0))
    taken.push(...batch);
  for (const [index, entry] of taken.entries()) queue.settle(entry, 50 + (index % 100));
}

/** The collector of this process, which is there for those that ask for it. */
function createCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("the garbage collector cannot be called");
  return () => {
    // What weak references and finalizers leave is gone after the second time.
    collect();
    collect();
  };
}
