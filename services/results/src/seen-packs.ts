import type { ResultPack } from "@sluice/protocol";

export interface SeenPacksOptions {
  /** Packs of one generation; two are kept. */
  readonly maxEntries?: number;
  /** Age at which a generation is followed by a new one, in milliseconds. */
  readonly maxAgeMs?: number;
}

type PackName = Pick<ResultPack, "worker" | "packId">;

/** Remembers which packs were passed on, so that a pack that is sent again is not passed on again. */
export interface SeenPacks {
  /** Remembers `pack`; false if it was there already. A pack without id is always new. */
  add(pack: PackName, nowMs: number): boolean;
  /** Makes `pack` unknown again, because it was not passed on after all. */
  forget(pack: PackName): void;
  clear(): void;
}

/** About 100 bytes an entry: two generations stay below 16 MB. */
const defaultMaxEntries = 65_536;
/** A worker sends a pack again for at most 10 s; an entry lives between one and two generations. */
const defaultMaxAgeMs = 10_000;

/**
 * Creates a bounded memory of two generations: new entries go to the young one; when it is full or old enough it becomes the
 * old one, and the entries of the old one are forgotten. A duplicate that comes later still is passed on; the caller drops it.
 */
export function createSeenPacks(options: SeenPacksOptions = {}): SeenPacks {
  const { maxEntries = defaultMaxEntries, maxAgeMs = defaultMaxAgeMs } = options;
  let young = new Set<string>();
  let old = new Set<string>();
  let youngSinceMs = -Infinity;

  return {
    add(pack, nowMs) {
      if (pack.packId === "") return true;
      if (young.size >= maxEntries || nowMs - youngSinceMs >= maxAgeMs) {
        old = nowMs - youngSinceMs >= 2 * maxAgeMs ? new Set() : young;
        young = new Set();
        youngSinceMs = nowMs;
      }
      const key = packKey(pack);
      if (young.has(key) || old.has(key)) return false;
      young.add(key);
      return true;
    },
    forget(pack) {
      const key = packKey(pack);
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young.clear();
      old.clear();
    },
  };
}

/** Pack ids are unique for their worker only; tokens have no space. */
function packKey({ worker, packId }: PackName): string {
  return `${worker} ${packId}`;
}
