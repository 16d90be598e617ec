import type { Frame } from "@sluice/protocol";

export interface SeenFramesOptions {
  /** Entries of one generation; two are kept. */
  readonly maxEntries?: number;
  /** Age at which a generation is followed by a new one, in milliseconds. */
  readonly maxAgeMs?: number;
}

/** Remembers which frames were passed on, so that a pack that is sent twice is not answered twice. */
export interface SeenFrames {
  /** Remembers `frame`; false if it was there already. */
  add(frame: Frame, nowMs: number): boolean;
  /** Makes `frame` unknown again, because it was not passed on after all. */
  forget(frame: Frame): void;
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
export function createSeenFrames(options: SeenFramesOptions = {}): SeenFrames {
  const { maxEntries = defaultMaxEntries, maxAgeMs = defaultMaxAgeMs } = options;
  let young = new Set<string>();
  let old = new Set<string>();
  let youngSinceMs = -Infinity;

  return {
    add(frame, nowMs) {
      if (young.size >= maxEntries || nowMs - youngSinceMs >= maxAgeMs) {
        old = nowMs - youngSinceMs >= 2 * maxAgeMs ? new Set() : young;
        young = new Set();
        youngSinceMs = nowMs;
      }
      const key = frameKey(frame);
      if (young.has(key) || old.has(key)) return false;
      young.add(key);
      return true;
    },
    forget(frame) {
      const key = frameKey(frame);
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young.clear();
      old.clear();
    },
  };
}

/** Ids are unique for their caller only, hence the reply subject; none of the parts has a space. */
function frameKey({ reply, id, epoch, attempt, frame }: Frame): string {
  return `${reply} ${id} ${epoch} ${attempt} ${frame}`;
}
