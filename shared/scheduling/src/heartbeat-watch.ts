/** Which of the others are alive, judged by heartbeats whose revision moves, on the watcher's own clock. */
export interface HeartbeatWatch {
  /** Notes a heartbeat. One that repeats a known revision is no sign of life. */
  beat(name: string, revision: number, nowMs: number): void;
  /** Forgets one that said goodbye. */
  forget(name: string): void;
  /**
   * Notes that heartbeats could be seen until now. After a gap (the watcher was cut off, or stood still) every silence
   * starts again: what the watcher could not see is no proof of death.
   */
  watching(nowMs: number): void;
  /** Whether it beat within the silence. Unknown names are dead. */
  isAlive(name: string, nowMs: number): boolean;
  living(nowMs: number): string[];
  /** Those that did not beat for at least `forMs`. */
  silent(forMs: number, nowMs: number): string[];
}

interface Beat {
  revision: number;
  movedAtMs: number;
}

export interface HeartbeatWatchOptions {
  /** Silence after which somebody counts as dead, in milliseconds. */
  readonly silenceMs: number;
  /** Longest time between two calls of {@link HeartbeatWatch.watching} that still counts as watching without a gap, in milliseconds. */
  readonly gapMs: number;
}

export function createHeartbeatWatch(options: HeartbeatWatchOptions): HeartbeatWatch {
  const beats = new Map<string, Beat>();
  let watchedUntilMs = -Infinity;

  const isAlive = (name: string, nowMs: number): boolean => {
    const beat = beats.get(name);
    return beat !== undefined && nowMs - beat.movedAtMs < options.silenceMs;
  };

  return {
    beat: (name, revision, nowMs) => {
      const known = beats.get(name);
      if (known === undefined) beats.set(name, { revision, movedAtMs: nowMs });
      // Not "newer": where heartbeats are kept anew, after they were lost, revisions count from 1 again.
      else if (revision !== known.revision) {
        known.revision = revision;
        known.movedAtMs = nowMs;
      }
    },
    forget: (name) => {
      beats.delete(name);
    },
    watching: (nowMs) => {
      if (nowMs - watchedUntilMs > options.gapMs) {
        for (const beat of beats.values()) beat.movedAtMs = Math.max(beat.movedAtMs, nowMs);
      }
      watchedUntilMs = nowMs;
    },
    isAlive,
    living: (nowMs) => [...beats.keys()].filter((name) => isAlive(name, nowMs)),
    silent: (forMs, nowMs) =>
      [...beats].filter(([, { movedAtMs }]) => nowMs - movedAtMs >= forMs).map(([name]) => name),
  };
}
