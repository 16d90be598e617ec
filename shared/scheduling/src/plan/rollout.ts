/** What is known of those that wait for a model, of those to come, and of the workers. */
export interface RolloutOptions {
  /** Of the requests that wait, the earliest first. */
  readonly deadlinesMs: readonly number[];
  /** When workers will be free, the one that asks first. At least one. */
  readonly freeAtMs: readonly number[];
  /** How long a run takes, without what each request adds. */
  readonly fixedMs: number;
  /** Above 0. */
  readonly perRequestMs: number;
  /** What passes between the end of a run and the callers having their answers. */
  readonly overheadMs: number;
  /** Most requests in one batch. */
  readonly mostRequests: number;
  /** Requests that are expected to come from now on; `undefined` where their times say nothing. */
  readonly arrivals: ExpectedArrivals | undefined;
}

export interface ExpectedArrivals {
  readonly nowMs: number;
  /** Between two of them. */
  readonly gapMs: number;
  /** What their callers allow them. */
  readonly timeoutMs: number;
}

/** Most requests that are given up at once, and most that are expected to come. */
const mostGivenUp = 200;
const mostExpected = 1000;

interface Waiting {
  readonly arrivesMs: number;
  readonly deadlineMs: number;
}

/**
 * How many of the most urgent requests to give up, so that fewest come too late in all: where one that has hardly any time left
 * would make every batch small, it is better lost than those behind it. 0 where giving up gains nothing.
 *
 * One step of policy improvement over taking, whenever a worker is free, the largest batch that ends before the earliest deadline
 * of it: each number is tried by playing that policy to its end.
 * Source: rollout as in Bertsekas, "Rollout, Policy Iteration, and Distributed Reinforcement Learning", 2020.
 */
export function requestsToGiveUp(options: RolloutOptions): number {
  const { deadlinesMs, freeAtMs, arrivals } = options;
  const waiting: Waiting[] = deadlinesMs.map((deadlineMs) => ({ arrivesMs: -Infinity, deadlineMs }));
  if (arrivals !== undefined) waiting.push(...expectedOf(arrivals));
  const startMs = Math.min(...freeAtMs);
  let best = 0;
  let leastLost = lostAfter(0, waiting, options);
  let largest = feasibleCount(waiting[0], startMs, options);
  const most = Math.min(mostGivenUp, deadlinesMs.length - 1);
  for (let count = 1; count <= most && leastLost > best; count++) {
    const size = feasibleCount(waiting[count], startMs, options);
    if (size <= largest) continue;
    largest = size;
    const lost = lostAfter(count, waiting, options);
    if (lost >= leastLost) continue;
    best = count;
    leastLost = lost;
  }
  return best;
}

function expectedOf({ nowMs, gapMs, timeoutMs }: ExpectedArrivals): Waiting[] {
  const count = Math.min(mostExpected, Math.floor(timeoutMs / gapMs));
  return Array.from({ length: count }, (_, index) => {
    const arrivesMs = nowMs + (index + 1) * gapMs;
    return { arrivesMs, deadlineMs: arrivesMs + timeoutMs };
  });
}

/** Requests in the largest batch that starts then and ends before a deadline; below 1 where not even one does. */
function feasibleCount(
  first: Waiting | undefined,
  startMs: number,
  { fixedMs, perRequestMs, overheadMs, mostRequests }: RolloutOptions,
): number {
  if (first === undefined) return 0;
  const leftMs = first.deadlineMs - startMs - fixedMs - overheadMs;
  if (leftMs < perRequestMs) return 0;
  return Math.min(mostRequests, Math.floor(leftMs / perRequestMs));
}

/** How many are lost in all where the first `givenUp` are. */
function lostAfter(givenUp: number, waiting: readonly Waiting[], options: RolloutOptions): number {
  const freeAtMs = [...options.freeAtMs];
  let lost = givenUp;
  let next = givenUp;
  while (next < waiting.length) {
    const worker = earliest(freeAtMs);
    const first = waiting[next];
    const startMs = Math.max(freeAtMs[worker] ?? 0, first?.arrivesMs ?? 0);
    const most = feasibleCount(first, startMs, options);
    if (most < 1) {
      lost += 1;
      next += 1;
      continue;
    }
    let count = 1;
    while (count < most && (waiting[next + count]?.arrivesMs ?? Infinity) <= startMs) count += 1;
    next += count;
    freeAtMs[worker] = startMs + options.fixedMs + count * options.perRequestMs;
  }
  return lost;
}

function earliest(times: readonly number[]): number {
  let first = 0;
  for (let index = 1; index < times.length; index++) {
    if ((times[index] ?? 0) < (times[first] ?? 0)) first = index;
  }
  return first;
}
