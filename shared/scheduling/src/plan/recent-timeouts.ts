/** Requests that allow about the same time. */
export interface TimeoutPart {
  /** The shortest of them, in milliseconds. */
  readonly timeoutMs: number;
  /** What they allow beside their own runs, in the mean. */
  readonly leftMs: number;
  /** Of all requests: above 0, at most 1. */
  readonly part: number;
}

/** What a caller allows. */
export interface AllowedTime {
  /** Above 0; Infinity where there is no deadline. */
  readonly timeoutMs: number;
  /** What the request takes if it runs alone; 0 where that is not known. */
  readonly aloneMs: number;
}

/** What callers allowed of late. Time is an argument. */
export interface RecentTimeouts {
  /** Notes a request that came. */
  note(allowed: AllowedTime, nowMs: number): void;
  /** The shortest first; empty while nothing is known. */
  parts(nowMs: number): readonly TimeoutPart[];
}

/** Requests count for at least one and at most two of these, in milliseconds. */
const spanMs = 5000;

/** Classes for each doubling: timeouts of one are at most a fifth apart. */
const classesPerDoubling = 4;

interface Counted {
  leastMs: number;
  /** Of all of them. */
  leftMs: number;
  count: number;
}

/** Creates timeouts of which nothing is known. */
export function createRecentTimeouts(): RecentTimeouts {
  let before = new Map<number, Counted>();
  let current = new Map<number, Counted>();
  let endsMs = -Infinity;

  const turn = (nowMs: number): void => {
    if (nowMs < endsMs) return;
    before = nowMs < endsMs + spanMs ? current : new Map();
    current = new Map();
    endsMs = nowMs + spanMs;
  };

  return {
    note: ({ timeoutMs, aloneMs }, nowMs) => {
      turn(nowMs);
      count(current, { leastMs: timeoutMs, leftMs: timeoutMs - aloneMs, count: 1 });
    },
    parts: (nowMs) => {
      turn(nowMs);
      const all = new Map<number, Counted>();
      let sum = 0;
      for (const span of [before, current]) {
        for (const counted of span.values()) {
          count(all, counted);
          sum += counted.count;
        }
      }
      return Array.from(all.values(), ({ leastMs, leftMs, count: own }) => ({
        timeoutMs: leastMs,
        leftMs: leftMs / own,
        part: own / sum,
      })).sort((one, other) => one.timeoutMs - other.timeoutMs);
    },
  };
}

function count(classes: Map<number, Counted>, more: Counted): void {
  const key = Math.floor(classesPerDoubling * Math.log2(more.leastMs));
  const counted = classes.get(key);
  if (counted === undefined) {
    classes.set(key, { ...more });
    return;
  }
  counted.count += more.count;
  counted.leftMs += more.leftMs;
  if (more.leastMs < counted.leastMs) counted.leastMs = more.leastMs;
}
