/** The smallest of the values noted of late. */
export interface RecentLeast {
  note(value: number, nowMs: number): void;
  /** Infinity while there is none. */
  value(nowMs: number): number;
}

/** Values count for at least one and at most two of these. */
const spanMs = 5000;

export function createRecentLeast(): RecentLeast {
  let before = Infinity;
  let current = Infinity;
  let endsMs = -Infinity;

  const turn = (nowMs: number): void => {
    if (nowMs < endsMs) return;
    before = nowMs < endsMs + spanMs ? current : Infinity;
    current = Infinity;
    endsMs = nowMs + spanMs;
  };

  return {
    note: (value, nowMs) => {
      turn(nowMs);
      if (value < current) current = value;
    },
    value: (nowMs) => {
      turn(nowMs);
      return Math.min(before, current);
    },
  };
}
