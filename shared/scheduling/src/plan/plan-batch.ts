import type { RunShape } from "../latency/latency-curve.ts";
import { batchOverheadMs } from "./batch-size.ts";
import {
  endsLate,
  noRequests,
  obstacle,
  sumWith,
  type BatchSum,
  type Candidate,
  type PlanLimits,
} from "./batch-sum.ts";
import { furtherRuns } from "./further-runs.ts";
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
  /** What its worker will probably run, one after the other. */
  readonly runs: readonly BatchSum[];
}

/** Windows are grouped by dynamic programming up to this size, which takes steps in proportion to window times batch. */
const mostGrouped = 256;

/**
 * Makes a batch of the first candidate and others: those whose padding costs less than another run, as long as all end in time
 * and every limit holds. Where not all of them can, the more urgent go first and the batch is as large as it may be; else it is
 * as large as is worthwhile, and where all of them are in it, others run behind it.
 * @param candidates - in fair order; the first can end in time alone
 * Source: docs/decisions/0017 and 0025.
 */
export function planBatch<Entry extends Candidate>(
  candidates: readonly [Entry, ...Entry[]],
  limits: PlanLimits,
): BatchPlan<Entry> {
  const [anchor] = candidates;
  const [mates = [], ...groups] = groupsOf(candidates, limits);
  const all = mates.reduce(sumWith, noRequests);
  const isUrgent = endsLate({ ...all, items: Math.min(all.items, limits.maxItems) }, limits);
  const chosen = new Set([anchor]);
  let sum = sumWith(noRequests, anchor);
  let reason: BatchReason | undefined;
  for (const mate of isUrgent ? mates.toSorted((a, b) => a.deadlineMs - b.deadlineMs) : mates) {
    if (mate === anchor) continue;
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
  const further = reason === undefined ? furtherRuns(sum, groups, limits) : [];
  for (const run of further) for (const entry of run.entries) chosen.add(entry);
  const entries = candidates.filter((entry) => chosen.has(entry));
  reason ??= entries.length < candidates.length ? "length" : "noMore";
  return { entries, reason, runs: [sum, ...further.map((run) => run.sum)] };
}

/** Cuts candidates into what runs best together, each group in fair order; that of the first comes first, and so on. */
function groupsOf<Entry extends Candidate>(
  candidates: readonly [Entry, ...Entry[]],
  { boundMs, maxItems, maxTokens }: PlanLimits,
): readonly (readonly Entry[])[] {
  const [anchor] = candidates;
  if (candidates.every(({ length }) => length === anchor.length)) return [candidates];
  if (candidates.length > mostGrouped) {
    const padded = paddedLength(anchor.length);
    return [candidates.filter(({ length }) => paddedLength(length) === padded)];
  }
  const runMs = (shape: RunShape): number => boundMs(shape) + batchOverheadMs;
  const places = new Map<Entry, number>();
  for (const [place, group] of groupByLength(candidates, { maxItems, maxTokens, runMs }).entries())
    for (const member of group) places.set(member, place);
  const groups = new Map<number | undefined, Entry[]>();
  for (const candidate of candidates) {
    const place = places.get(candidate);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [candidate]);
    else group.push(candidate);
  }
  return [...groups.values()];
}
