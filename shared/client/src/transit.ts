/**
 * How long calls of one model are on their way: the part of the time from sending to the answer that no service counts. That is
 * what messages wait in sockets, and for the processes that read them, the client's own among them.
 */
export interface Transit {
  /** Notes what an answered call was on its way. */
  note(transitMs: number): void;
  /** What is to be reckoned with for a call that is sent now and whose caller allows so much. */
  allowanceMs(timeoutMs: number): number;
}

/** Answers that count, and after how many the median is looked up. */
const mostTimes = 64;
const timesPerLook = 32;

/** Part of its timeout that a call is taken to be on its way at most: what is never let in shows nobody that ways are short again. */
const mostTimeoutPart = 0.5;

/** Creates the transit of calls of which nothing is known: none. It is the median of the last answers. */
export function createTransit(): Transit {
  const timesMs = new Float64Array(mostTimes);
  let count = 0;
  let medianMs = 0;
  return {
    note: (transitMs) => {
      timesMs[count % mostTimes] = Math.max(0, transitMs);
      count += 1;
      if (count % timesPerLook !== 0) return;
      const sorted = timesMs.slice(0, Math.min(count, mostTimes)).sort();
      medianMs = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
    },
    allowanceMs: (timeoutMs) => Math.min(medianMs, mostTimeoutPart * timeoutMs),
  };
}
