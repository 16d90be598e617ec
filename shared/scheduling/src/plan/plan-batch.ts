import type { RunShape } from "../latency/latency-curve.ts";
import { batchOverheadMs } from "./batch-size.ts";
import { endsLate, noRequests, obstacle, sumWith, type Candidate, type PlanLimits } from "./batch-sum.ts";
import { groupByLength } from "./length-groups.ts";
import { paddedLength } from "./padded-length.ts";

/**
 * Why a batch has no more in it: `full`, it has as many items as its model gains from, or may have; `cap`, another limit of
 * its size or duration; `deadline`, more would end too late for one of it; `length`, what else was looked at has other
 * lengths; `noMore`, nothing else waits that could be in it. A `probe` is one request that is run although it should come too
 * late, to see whether that is still so.
 */
export type BatchReason = "full" | "cap" | "deadline" | "length" | "noMore" | "probe";

export interface BatchPlan<Entry extends Candidate> {
  /** Some of the candidates in their order, the first always among them. */
  readonly entries: readonly Entry[];
  /** What kept the first of the others out; `noMore` where there are none. */
  readonly reason: BatchReason;
}

/** Windows are grouped by dynamic programming up to this size, which takes steps in proportion to window times batch. */
const mostGrouped = 256;

/**
 * Makes a batch of the first candidate and others: those whose padding costs less than another run, as long as all end in time
 * and every limit holds. Where not all of them can, the more urgent go first and the batch is as large as it may be; else it is
 * as large as is worthwhile.
 * @param anchor - the first candidate, which can end in time alone
 * @param others - the others in fair order
 * Source: docs/decisions/0017.
 */
export function planBatch<Entry extends Candidate>(
  [anchor, ...others]: readonly [Entry, ...Entry[]],
  limits: PlanLimits,
): BatchPlan<Entry> {
  const mates = matesOf(anchor, others, limits);
  const all = mates.reduce(sumWith, sumWith(noRequests, anchor));
  const isUrgent = endsLate({ ...all, items: Math.min(all.items, limits.maxItems) }, limits);
  const chosen = new Set<Entry>();
  let sum = sumWith(noRequests, anchor);
  let reason: BatchReason | undefined;
  for (const mate of isUrgent ? mates.toSorted((a, b) => a.deadlineMs - b.deadlineMs) : mates) {
    const next = sumWith(sum, mate);
    const isEnough = !isUrgent && sum.items >= limits.enoughItems(sum.length);
    const kept = isEnough ? "full" : obstacle(next, limits);
    if (kept === undefined) {
      chosen.add(mate);
      sum = next;
    } else {
      reason ??= kept;
    }
  }
  reason ??= mates.length < others.length ? "length" : "noMore";
  return { entries: [anchor, ...others.filter((entry) => chosen.has(entry))], reason };
}

/** Those that run best together with the anchor. */
function matesOf<Entry extends Candidate>(
  anchor: Entry,
  others: readonly Entry[],
  { boundMs, maxItems, maxTokens }: PlanLimits,
): readonly Entry[] {
  if (others.every(({ length }) => length === anchor.length)) return others;
  if (others.length >= mostGrouped) {
    const padded = paddedLength(anchor.length);
    return others.filter(({ length }) => paddedLength(length) === padded);
  }
  const runMs = (shape: RunShape): number => boundMs(shape) + batchOverheadMs;
  const groups = groupByLength([anchor, ...others], { maxItems, maxTokens, runMs });
  const group = new Set(groups.find((members) => members.includes(anchor)));
  return others.filter((entry) => group.has(entry));
}
