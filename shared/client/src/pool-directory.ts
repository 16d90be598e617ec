import type { PoolEvent } from "@sluice/protocol";

/** A model that a pool announces. */
export interface KnownModel {
  readonly name: string;
  readonly version: string;
  readonly pool: string;
  /** Live workers that have it ready. */
  readonly workerCount: number;
}

/** What the announcements of all pools say, and for how long they are believed. */
export interface PoolDirectory {
  /** Takes an announcement in. Returns the models whose open requests the last owner may have lost: mostly none. */
  hear(event: PoolEvent, nowMs: number): readonly string[];
  isAnnounced(model: string, nowMs: number): boolean;
  /** Sorted by name. */
  models(nowMs: number): readonly KnownModel[];
}

/** Pools announce themselves every second; a takeover keeps one silent for about three. */
const forgetAfterMs = 10_000;

interface KnownPool {
  readonly epoch: number;
  readonly heardMs: number;
  readonly models: readonly KnownModel[];
}

/** Creates an empty directory. */
export function createPoolDirectory(): PoolDirectory {
  const pools = new Map<string, KnownPool>();

  const forgetSilent = (nowMs: number): void => {
    for (const [name, pool] of pools) {
      if (nowMs - pool.heardMs >= forgetAfterMs) pools.delete(name);
    }
  };
  return {
    hear(event, nowMs) {
      const known = pools.get(event.pool);
      if (known !== undefined && event.epoch < known.epoch) return [];
      const models = event.models.map((model) => ({ ...model, pool: event.pool }));
      pools.set(event.pool, { epoch: event.epoch, heardMs: nowMs, models });
      return known !== undefined && hasLostRequests(event, known) ? namesOf(known.models, models) : [];
    },
    isAnnounced(model, nowMs) {
      forgetSilent(nowMs);
      for (const pool of pools.values()) {
        if (pool.models.some(({ name }) => name === model)) return true;
      }
      return false;
    },
    models(nowMs) {
      forgetSilent(nowMs);
      return [...pools.values()]
        .flatMap((pool) => pool.models)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
  };
}

/** Of an owner that was skipped nothing is known, so it counts as crashed. */
function hasLostRequests(event: PoolEvent, known: KnownPool): boolean {
  return event.epoch > known.epoch + 1 || (event.epoch > known.epoch && event.state === "taken");
}

function namesOf(...lists: readonly (readonly KnownModel[])[]): readonly string[] {
  return [...new Set(lists.flat().map(({ name }) => name))];
}
