import { boundMs, type LatencyProfile } from "../latency/latency-profile.ts";
import { curveMs, type RunShape } from "../latency/latency-curve.ts";
import type { BatchLimits, QueueEntry } from "../request-queue.ts";
import { bearableItems, furtherRunsMs, worthwhileItems } from "./batch-size.ts";
import { endsLate, noRequests, sumWith, type PlanLimits } from "./batch-sum.ts";
import { plannedTimeoutMs } from "./planned-timeout.ts";
import type { TimeoutPart } from "./recent-timeouts.ts";
import { runLengths } from "./run-lengths.ts";
import { staggeredItems } from "./staggered-items.ts";

/** What holds for a batch of one model on the worker that asks. */
export interface ChoiceLimits<Entry extends QueueEntry> extends PlanLimits {
  /** Requests to look at where not all can be in one batch, if those fill it. */
  readonly windowCount: number;
  /** The same where all of them are one tenant's. */
  readonly ownWindowCount: number;
  /** Whether a request that would be late here would be in time on a faster worker. */
  isForOthers(entry: Entry): boolean;
}

export interface Situation {
  readonly limits: BatchLimits;
  readonly maxTokens: number;
  readonly startMs: number;
  readonly overheadMs: number;
  readonly fastest: LatencyProfile | undefined;
  readonly windowCount: number;
  readonly ownWindowCount: number;
  /** What callers allowed of late, for whatever model; the shortest first. */
  readonly timeouts: readonly TimeoutPart[];
  /** Workers that all that comes for the model would keep busy; 0 where that is not known. */
  readonly neededCount: number;
  /** From `startMs` until what others run has ended. */
  readonly othersFreeInMs: readonly number[];
  /** Requests that wait for the model. */
  readonly waitingCount: number;
}

/** The limits where nothing is known of the time a model takes: batches are filled. */
export function unknownLimits<Entry extends QueueEntry>(
  head: Entry,
  { limits, maxTokens, windowCount, ownWindowCount }: Situation,
): ChoiceLimits<Entry> {
  const maxItems = limits.maxItems(head.model);
  return {
    maxItems,
    maxTokens,
    maxBytes: limits.maxBytes,
    maxDurationMs: Infinity,
    furtherMs: 0,
    startMs: -Infinity,
    overheadMs: 0,
    windowCount,
    ownWindowCount,
    boundMs: () => 0,
    enoughItems: () => maxItems,
    isForOthers: () => false,
  };
}

/** The limits where a profile is known, for a batch that begins with `head`. */
export function knownLimits<Entry extends QueueEntry>(
  head: Entry,
  profile: LatencyProfile,
  situation: Situation,
): ChoiceLimits<Entry> {
  const { limits, maxTokens, fastest, startMs, overheadMs, timeouts, neededCount, othersFreeInMs } =
    situation;
  const maxItems = limits.maxItems(head.model);
  const { curve } = profile;
  /** A request of more items, or of more elements, than a run may have is run in parts. */
  const runsMs = (of: LatencyProfile, { items, length }: RunShape): number => {
    const partItems = Math.max(1, Math.min(maxItems, Math.floor(maxTokens / length)));
    const partCount = Math.max(1, Math.ceil(items / partItems));
    return partCount * boundMs(of, { items: items / partCount, length });
  };
  const { length: headLength } = head;
  const size = { length: headLength, maxItems };
  const workerCount = othersFreeInMs.length + 1;
  const lengths = runLengths(profile, { ...size, workerCount, neededCount, overheadMs });
  const timeoutMs = plannedTimeoutMs(timeouts, lengths);
  const worthwhile = worthwhileItems(curve, size);
  const enough =
    situation.waitingCount <= maxItems
      ? worthwhile
      : staggeredItems({
          othersFreeInMs,
          leastItems: bearableItems(curve, size),
          mostItems: worthwhile,
          runMs: (items) => curveMs(curve, { items, length: headLength }),
        });
  return {
    maxItems,
    maxTokens,
    maxBytes: limits.maxBytes,
    maxDurationMs: Math.max(lengths.wantedMs(timeoutMs), lengths.leastMs),
    furtherMs: furtherRunsMs(timeoutMs),
    startMs,
    overheadMs,
    windowCount: situation.windowCount,
    ownWindowCount: situation.ownWindowCount,
    boundMs: (shape) => runsMs(profile, shape),
    enoughItems: (length) => (length === headLength ? enough : worthwhileItems(curve, { length, maxItems })),
    isForOthers: (entry) =>
      fastest !== undefined &&
      !endsLate(sumWith(noRequests, entry), {
        startMs,
        overheadMs,
        boundMs: (shape) => runsMs(fastest, shape),
      }),
  };
}
