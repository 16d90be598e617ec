import { buckets, decodeBudgetRecord, type BudgetRecord } from "@sluice/protocol";
import { rendezvousWinner } from "@sluice/scheduling";
import { aSignature } from "@sluice/testing";
import { createCluster, type Cluster, type RunningDispatcher } from "./cluster.ts";
import type { StubCaller } from "./stub-caller.ts";

/** One pool with its owner, and a caller of tenant `acme` whose requests cost what they always do. */
export interface Site {
  readonly owner: RunningDispatcher;
  readonly caller: StubCaller;
  /** Worker-milliseconds of all its requests that were let in and have run. */
  readonly spentMs: number;
  /** Sends so many requests in one message, runs what is let in, and tells how many were. */
  spend(count: number): Promise<number>;
}

/** Two dispatchers that own a pool each. Tenant `acme` calls both pools; its home is the first dispatcher. */
export interface QuotaScene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly home: Site;
  readonly other: Site;
  /** The record of what `acme` spent. */
  budget(): Promise<BudgetRecord | undefined>;
}

/** Largest batch, so that what was let in runs in few. */
const maxBatchSize = 64;

/** Creates the scene at the moment when both owners have learned that a request costs `costMs`. */
export async function createQuotaScene(costMs: number): Promise<QuotaScene> {
  const cluster = createCluster();
  const names = ["d1", "d2"];
  const homeName = rendezvousWinner("acme", names) ?? "";
  const otherName = names.find((name) => name !== homeName) ?? "";
  const dispatchers = [await cluster.start(homeName), await cluster.start(otherName)];
  await cluster.clock.advance(1000);
  const sites: Site[] = [];
  for (const owner of dispatchers) sites.push(await createSite(cluster, owner, { names, costMs }));
  const [home, other] = sites;
  if (home === undefined || other === undefined) throw new Error("the scene has two sites");
  return {
    cluster,
    home,
    other,
    budget: async () => {
      const bucket = await cluster.nats.connect().keyValue(buckets.budgets);
      const entry = await bucket.get("acme");
      return entry && decodeBudgetRecord(entry.value);
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function createSite(
  cluster: Cluster,
  owner: RunningDispatcher,
  { names, costMs }: { readonly names: readonly string[]; readonly costMs: number },
): Promise<Site> {
  const { clock } = cluster;
  const pool = poolOf(owner.name, names);
  const model = `model-${owner.name}`;
  const worker = cluster.worker({
    name: `worker-${owner.name}`,
    pool,
    models: [aSignature({ name: model, maxBatchSize })],
  });
  const caller = cluster.caller({ model });
  await clock.advance(1000);
  let spentMs = 0;
  let sentCount = 0;

  let runBatchCount = 0;

  /** Lets the worker run everything that waits. One credit of it always waits in the end, for what comes next. */
  const runAll = async (): Promise<number> => {
    let runCount = 0;
    for (
      let batch = worker.batches[runBatchCount];
      batch !== undefined;
      batch = worker.batches[runBatchCount]
    ) {
      runBatchCount += 1;
      runCount += batch.requests.length;
      worker.done(batch.batchId, { costMs: costMs * batch.requests.length });
      worker.credit({ capacity: maxBatchSize });
      await clock.settle();
    }
    return runCount;
  };

  const spend = async (count: number): Promise<number> => {
    caller.send(...Array.from({ length: count }, (_, index) => ({ id: `r-${sentCount + index}` })));
    sentCount += count;
    await clock.settle();
    const runCount = await runAll();
    spentMs += costMs * runCount;
    return runCount;
  };

  worker.credit({ capacity: maxBatchSize });
  await spend(1);
  spentMs = 0;
  return {
    owner,
    caller,
    get spentMs() {
      return spentMs;
    },
    spend,
  };
}

/** A pool that falls to this dispatcher while all live. */
function poolOf(name: string, names: readonly string[]): string {
  for (let number = 0; ; number++) {
    const pool = `pool-${number}`;
    if (rendezvousWinner(pool, names) === name) return pool;
  }
}
