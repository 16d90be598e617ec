/** Payers that nobody asks for at the moment, and whose budget was spent when they were asked for last. */
export interface SpentPayers {
  /** Notes one until the wall time at which its day, or month, ends. */
  add(key: string, untilMs: number, wallMs: number): void;
  /** Whether its day, or month, has not ended yet. */
  has(key: string, wallMs: number): boolean;
}

export function createSpentPayers(): SpentPayers {
  const untilMs = new Map<string, number>();
  /** Some period ends then: not before is it worth looking who can be forgotten. */
  let nextEndMs = Infinity;

  const forgetEnded = (wallMs: number): void => {
    if (wallMs < nextEndMs) return;
    nextEndMs = Infinity;
    for (const [key, endMs] of untilMs) {
      if (endMs <= wallMs) untilMs.delete(key);
      else nextEndMs = Math.min(nextEndMs, endMs);
    }
  };

  return {
    add: (key, endMs, wallMs) => {
      forgetEnded(wallMs);
      untilMs.set(key, endMs);
      nextEndMs = Math.min(nextEndMs, endMs);
    },
    has: (key, wallMs) => (untilMs.get(key) ?? -Infinity) > wallMs,
  };
}
