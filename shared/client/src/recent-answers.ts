/** How long an answer counts, in milliseconds, and the parts in which it is forgotten. */
export const windowMs = 120_000;
const partCount = 12;
const partMs = windowMs / partCount;

interface Part {
  callCount: number;
  acceptedCount: number;
}

/** How many calls ended in the last two minutes, and how many of them the services accepted. Time is an argument. */
export interface RecentAnswers {
  readonly callCount: number;
  readonly acceptedCount: number;
  /** Counts a call that was accepted. */
  addAccepted(nowMs: number): void;
  /** Counts a call that was refused, by whomever. */
  addRefused(nowMs: number): void;
  /** Drops what is older than two minutes. */
  forget(nowMs: number): void;
  clear(): void;
}

/** Creates the counts of nothing yet: two sums and a ring of parts, so that a call costs the same however many there were. */
export function createRecentAnswers(): RecentAnswers {
  const parts: readonly Part[] = Array.from({ length: partCount }, () => ({
    callCount: 0,
    acceptedCount: 0,
  }));
  let latest = 0;
  let callCount = 0;
  let acceptedCount = 0;

  const partOf = (number: number): Part | undefined => parts[number % partCount];

  const forget = (nowMs: number): void => {
    const now = Math.floor(nowMs / partMs);
    for (let number = Math.max(latest + 1, now - partCount + 1); number <= now; number++) {
      const part = partOf(number);
      if (part === undefined) continue;
      callCount -= part.callCount;
      acceptedCount -= part.acceptedCount;
      part.callCount = 0;
      part.acceptedCount = 0;
    }
    latest = Math.max(latest, now);
  };

  const add = (nowMs: number, accepted: 0 | 1): void => {
    forget(nowMs);
    const part = partOf(latest);
    if (part === undefined) return;
    part.callCount += 1;
    part.acceptedCount += accepted;
    callCount += 1;
    acceptedCount += accepted;
  };

  return {
    get callCount() {
      return callCount;
    },
    get acceptedCount() {
      return acceptedCount;
    },
    addAccepted: (nowMs) => add(nowMs, 1),
    addRefused: (nowMs) => add(nowMs, 0),
    forget,
    clear: () => {
      for (const part of parts) {
        part.callCount = 0;
        part.acceptedCount = 0;
      }
      callCount = 0;
      acceptedCount = 0;
    },
  };
}
