import type { KeyValue, Messaging } from "@sluice/messaging";
import { budgetRecordMaxAgeMs, buckets, heartbeatIntervalMs, InferenceError } from "@sluice/protocol";
import { createLifecycle, type Clock, type Logger, type Metrics, type ServiceState } from "@sluice/runtime";
import { createBackground } from "./background.ts";
import { createClassMetrics } from "./class-metrics.ts";
import { createEventLog } from "./event-log.ts";
import { createEventMetrics } from "./event-metrics.ts";
import type { DispatcherEvent, OnDispatcherEvent } from "./event.ts";
import { createPoolRecords } from "./leases/pool-records.ts";
import { createPoolSeat } from "./leases/pool-seat.ts";
import { createMembership } from "./membership/membership.ts";
import { createOwner } from "./owner/create-owner.ts";
import { createPools, type Pools } from "./pools.ts";
import { createQuotas } from "./quotas/quotas.ts";
import type { OwnerSettings } from "./settings.ts";
import { createQuotaMetrics } from "./quota-metrics.ts";
import { createTenantMetrics } from "./tenant-metrics.ts";
import { createTenantDirectory } from "./tenants/tenant-directory.ts";
import { createModelDirectory } from "./workers/model-directory.ts";
import { createWorkerDirectory } from "./workers/worker-directory.ts";

export interface DispatcherOptions {
  /** This dispatcher's name among the others; a subject token. */
  readonly self: string;
  readonly settings: OwnerSettings;
  /** How long pools without successor may take to run dry, in milliseconds. */
  readonly drainTimeoutMs: number;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where to count; nothing is counted without. */
  readonly metrics?: Pick<Metrics, "counter" | "gauge" | "histogram">;
  readonly onEvent?: OnDispatcherEvent;
}

/** A dispatcher: owns the pools that fall to it, and stands by for the others. */
export interface Dispatcher {
  readonly state: ServiceState;
  /**
   * Serves until `shutdown` aborts, then gives its pools away and resolves. Called once.
   * @throws {InferenceError} when its buckets cannot be opened for another reason than that JetStream is away.
   */
  run(shutdown: AbortSignal): Promise<void>;
}

/** Wait before the buckets are tried again while JetStream is away, in milliseconds. */
const openRetryMs = 500;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { self, log, clock, messaging } = options;
  const onEvent = toListener(options);
  const lifecycle = createLifecycle({ log, service: "dispatcher" });
  let hasRun = false;

  /** Does what needs JetStream, again until that is there, or until `shutdown`. */
  const whenAvailable = async (work: () => Promise<void>, shutdown: AbortSignal): Promise<void> => {
    for (let attempt = 0; !shutdown.aborted; attempt++) {
      try {
        await work();
        return;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        if (attempt === 0) onEvent({ type: "bucketsNotOpened", error });
        await clock.sleep(openRetryMs);
      }
    }
  };

  /** Opens the five buckets; `undefined` if `shutdown` came first. */
  const openBuckets = async (shutdown: AbortSignal): Promise<Buckets | undefined> => {
    let opened: Buckets | undefined;
    await whenAvailable(async () => {
      const [pools, dispatchers, models, tenants, budgets] = await Promise.all([
        messaging.keyValue(buckets.pools),
        messaging.keyValue(buckets.dispatchers),
        messaging.keyValue(buckets.models),
        messaging.keyValue(buckets.tenants),
        messaging.keyValue(buckets.budgets, { maxAgeMs: budgetRecordMaxAgeMs }),
      ]);
      opened = { pools, dispatchers, models, tenants, budgets };
    }, shutdown);
    return opened;
  };

  const serve = async (bucket: Buckets, shutdown: AbortSignal): Promise<void> => {
    const background = createBackground((error) => log.error("background work failed", { err: error }));
    const directory = createWorkerDirectory({ messaging, clock, onEvent });
    const membership = createMembership({ self, bucket: bucket.dispatchers, messaging, clock, onEvent });
    const shared = { self, messaging, clock, background, onEvent };
    let pools: Pools | undefined;
    const onChange = (pool: string): void => pools?.tickPool(pool);
    const records = createPoolRecords({ bucket: bucket.pools, onEvent, onChange });
    const models = createModelDirectory({ bucket: bucket.models, onEvent });
    const policies = createTenantDirectory({ bucket: bucket.tenants, onEvent });
    const { budgets } = bucket;
    const quotas = createQuotas({ ...shared, membership, policies, budgets });
    const { wallets } = quotas;
    const { settings, drainTimeoutMs } = options;
    const ownerDeps = { ...shared, models: bucket.models, policies, wallets, settings };
    pools = createPools({
      ...shared,
      names: () => new Set([...directory.pools(), ...records.pools()]),
      createSeat: (pool) => {
        const roster = directory.roster(pool);
        return createPoolSeat({
          ...shared,
          membership,
          roster,
          records,
          models,
          drainTimeoutMs,
          createOwner: (lease) => {
            const isServedElsewhere = (model: string): boolean => directory.isServedElsewhere(pool, model);
            const heardUntilMs = (): number => membership.heardUntilMs;
            return createOwner({ ...ownerDeps, ...lease, roster, isServedElsewhere, heardUntilMs });
          },
        });
      },
    });
    const serving = pools;

    // No request may come in before it is known what tenants may do; nor may reading it hold up the heartbeats that come next.
    await whenAvailable(policies.start, shutdown);
    await whenAvailable(models.start, shutdown);
    await whenAvailable(membership.start, shutdown);
    quotas.start();
    await whenAvailable(records.start, shutdown);
    directory.start();
    serving.start();
    using _beat = clock.every(heartbeatIntervalMs, () => {
      background.start(async () => {
        await membership.beat();
        directory.sweep(membership.heardUntilMs);
      });
      quotas.tick();
      serving.tick();
    });
    lifecycle.set("running");
    await aborted(shutdown);
    lifecycle.set("draining");
    await serving.leave();
    // First: then others ask the homes that there are now, and not the one that gives its accounts back.
    await membership.leave();
    await quotas.leave();
    directory.stop();
    records.stop();
    policies.stop();
    models.stop();
    await background.settled();
  };

  return {
    get state() {
      return lifecycle.state;
    },
    run: async (shutdown) => {
      if (hasRun) throw new Error("a dispatcher runs once");
      hasRun = true;
      try {
        const bucket = await openBuckets(shutdown);
        if (bucket !== undefined) await serve(bucket, shutdown);
        lifecycle.set("stopped");
      } catch (error) {
        lifecycle.set("failed");
        throw error;
      }
    },
  };
}

interface Buckets {
  readonly pools: KeyValue;
  readonly dispatchers: KeyValue;
  readonly models: KeyValue;
  readonly tenants: KeyValue;
  readonly budgets: KeyValue;
}

/** One listener that tells the log, the metrics and the caller. */
function toListener({ log, metrics, onEvent }: DispatcherOptions): OnDispatcherEvent {
  const listeners: OnDispatcherEvent[] = [createEventLog(log)];
  if (metrics !== undefined) {
    const create = [createEventMetrics, createClassMetrics, createTenantMetrics, createQuotaMetrics];
    listeners.push(...create.map((each) => each(metrics)));
  }
  if (onEvent !== undefined) listeners.push(onEvent);
  return (event: DispatcherEvent) => {
    for (const listener of listeners) listener(event);
  };
}

function isUnavailable(error: unknown): boolean {
  return InferenceError.from(error).code === "unavailable";
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
