import type { PoolEvent } from "@sluice/protocol";

/** A model that a pool announces. */
export interface KnownModel {
  readonly name: string;
  readonly version: string;
  readonly pool: string;
  /** Live workers that have it ready. */
  readonly workerCount: number;
}

/** What the announcements of all pools say, and for how long they are believed. Time is an argument. */
export interface PoolDirectory {
  /**
   * Takes an announcement in. Returns the models whose open requests the last owner may have lost: mostly none.
   * @param listeningSinceMs - since when announcements are heard: each living owner has been for a while after that
   */
  hear(event: PoolEvent, nowMs: number, listeningSinceMs: number): readonly string[];
  /** Whether some pool announced the model within the last 10 s, even if its newest announcement leaves it out: an owner that has just taken over may not know all models yet. */
  isAnnounced(model: string, nowMs: number): boolean;
  /** What the newest announcements say, sorted by name. */
  models(nowMs: number): readonly KnownModel[];
}

/** Every pool announces itself once a second: after this long without a gap, a model that nobody announced is not served. */
export const listenMs = 1200;

/** Pools announce themselves every second; a takeover keeps one silent for about three. */
const forgetAfterMs = 10_000;

interface KnownPool {
  readonly epoch: number;
  readonly heardMs: number;
  readonly models: readonly KnownModel[];
  /** Models of owners that were lost which the owner of now has not listed yet: it may not take their requests. */
  readonly unlisted: ReadonlySet<string>;
}

/** Creates an empty directory. */
export function createPoolDirectory(): PoolDirectory {
  /** Silent ones too: they may have been between two owners. */
  const pools = new Map<string, KnownPool>();
  const announcedMs = new Map<string, number>();

  const isRecent = (heardMs: number | undefined, nowMs: number): boolean =>
    heardMs !== undefined && nowMs - heardMs < forgetAfterMs;
  const forgetSilent = (nowMs: number): void => {
    for (const [name, heardMs] of announcedMs) if (!isRecent(heardMs, nowMs)) announcedMs.delete(name);
  };
  return {
    hear(event, nowMs, listeningSinceMs) {
      forgetSilent(nowMs);
      const known = pools.get(event.pool);
      if (known !== undefined && isRecent(known.heardMs, nowMs) && event.epoch < known.epoch) return [];
      const models = event.models.map((model) => ({ ...model, pool: event.pool }));
      const listed = new Set(models.map(({ name }) => name));
      const isLost = known !== undefined && hasLostRequests(event, known);
      const before = [...(known?.unlisted ?? []), ...(isLost ? namesOf(known.models) : [])];
      const unlisted = new Set(before.filter((name) => !listed.has(name)));
      pools.set(event.pool, { epoch: event.epoch, heardMs: nowMs, models, unlisted });
      for (const name of listed) announcedMs.set(name, nowMs);
      // Nobody owned a pool that has been silent for so long: what was sent to it may be with an owner that was lost just before.
      if (known === undefined) return nowMs - listeningSinceMs >= listenMs ? [...listed] : [];
      if (isLost) return [...new Set([...before, ...listed])];
      // What came for these in between may be with nobody but the owner that was lost.
      return before.filter((name) => listed.has(name));
    },
    isAnnounced: (model, nowMs) => isRecent(announcedMs.get(model), nowMs),
    models(nowMs) {
      return [...pools.values()]
        .filter(({ heardMs }) => isRecent(heardMs, nowMs))
        .flatMap((pool) => pool.models)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    },
  };
}

/** Only a hand-over loses nothing. Of an owner that was skipped nothing is known. */
function hasLostRequests(event: PoolEvent, known: KnownPool): boolean {
  return event.epoch > known.epoch && (event.state !== "handedOver" || event.epoch > known.epoch + 1);
}

function namesOf(models: readonly KnownModel[]): readonly string[] {
  return models.map(({ name }) => name);
}
