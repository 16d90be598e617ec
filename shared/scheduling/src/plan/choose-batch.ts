import type { BatchChoice, Verdict } from "../fair/window.ts";
import type { QueueEntry } from "../request-queue.ts";
import { endsLate, noRequests, obstacle, sumWith, type PlanLimits } from "./batch-sum.ts";
import type { ChoiceLimits } from "./choice-limits.ts";
import { planBatch, type BatchReason } from "./plan-batch.ts";

export interface ChoiceOptions<Entry extends QueueEntry> {
  /** Whether only one request is wanted. */
  readonly isSingle: boolean;
  limitsOf(head: Entry): ChoiceLimits<Entry>;
  /** Called where a request for a model is bound to be late; returns whether it is to run as a probe. */
  refuses(model: string): boolean;
  accepts(model: string): void;
  /** Called where hurry made the batch of a model smaller; returns the requests to give up first. */
  giveUp(model: string, limits: PlanLimits): readonly Entry[];
}

/** Chooses one batch. */
export interface BatchChooser<Entry extends QueueEntry> extends BatchChoice<Entry> {
  readonly reason: BatchReason;
  /** Dropped, as they cannot be in time any more. */
  readonly late: readonly Entry[];
  /** If there are any nothing was chosen: they are to be removed first. */
  readonly givenUp: readonly Entry[];
  /** A model of which nothing was chosen since all that was seen is for faster workers. */
  readonly leftModel: string | undefined;
}

/**
 * Creates the choice of one batch. Requests are held as they come while they have one length and all of them will be in time: then
 * the batch is what is held. Else a whole window is held and planned.
 */
export function createBatchChooser<Entry extends QueueEntry>(
  options: ChoiceOptions<Entry>,
): BatchChooser<Entry> {
  const late: Entry[] = [];
  /** Held so that those behind them are seen, but not for this worker. */
  const forOthers = new Set<Entry>();
  /** Of the batch; `undefined` until somebody is in it. */
  let limits: ChoiceLimits<Entry> | undefined;
  let sum = noRequests;
  let count = 0;
  let isPlanned = false;
  let reason: BatchReason = "noMore";
  let givenUp: readonly Entry[] = [];
  let leftModel: string | undefined;

  const lookLate = (head: Entry, known: ChoiceLimits<Entry>): Verdict => {
    if (known.isForOthers(head)) {
      forOthers.add(head);
      return forOthers.size < known.windowCount ? "hold" : "last";
    }
    if (limits === undefined && options.refuses(head.model)) {
      limits = known;
      reason = "probe";
      return "last";
    }
    late.push(head);
    return "drop";
  };

  const lookFirst = (head: Entry, known: ChoiceLimits<Entry>): Verdict => {
    options.accepts(head.model);
    limits = known;
    sum = sumWith(noRequests, head);
    count = 1;
    if (!options.isSingle && sum.items < known.enoughItems(sum.length)) return "hold";
    reason = "full";
    return "last";
  };

  const lookNext = (head: Entry, known: ChoiceLimits<Entry>): Verdict => {
    const next = sumWith(sum, head);
    if (!isPlanned) {
      const kept = obstacle(next, known);
      if (kept === "full" || kept === "cap") {
        reason = kept;
        return "end";
      }
      isPlanned = kept === "deadline" || head.length !== sum.length;
    }
    sum = next;
    count += 1;
    const isEnough = sum.items >= known.enoughItems(sum.length);
    if (!isEnough || (isPlanned && count < known.windowCount)) return "hold";
    reason = "full";
    return "last";
  };

  return {
    get reason() {
      return reason;
    },
    late,
    get givenUp() {
      return givenUp;
    },
    get leftModel() {
      return leftModel;
    },

    look: (head) => {
      const known = limits ?? options.limitsOf(head);
      if (endsLate(sumWith(noRequests, head), known)) return lookLate(head, known);
      return limits === undefined ? lookFirst(head, known) : lookNext(head, known);
    },

    choose: (held) => {
      if (reason === "probe") return held.slice(-1);
      if (!isPlanned && forOthers.size === 0) return held;
      const [first, ...others] = held.filter((entry) => !forOthers.has(entry));
      if (first === undefined || limits === undefined) {
        leftModel = held[0]?.model;
        return [];
      }
      const plan = planBatch([first, ...others], limits);
      if (plan.reason === "deadline") givenUp = options.giveUp(first.model, limits);
      if (givenUp.length > 0) return [];
      if (plan.reason !== "noMore") reason = plan.reason;
      return plan.entries;
    },
  };
}
