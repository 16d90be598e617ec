import type { BatchChoice, Verdict } from "../fair/window.ts";
import type { QueueEntry } from "../request-queue.ts";
import { endsLate, noRequests, obstacle, sumWith, type BatchSum, type PlanLimits } from "./batch-sum.ts";
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

/**
 * Chooses one batch. Requests are held as they come while they have one length and all of them will be in time: then the batch
 * is what is held. Else a whole window is held and planned.
 */
export class ChosenBatch<Entry extends QueueEntry> implements BatchChoice<Entry> {
  reason: BatchReason = "noMore";
  /** What of the batch its worker will probably run together; nothing where nothing was chosen. */
  runs: readonly BatchSum[] = [];
  /** Dropped, as they cannot be in time any more. */
  readonly late: Entry[] = [];
  /** If there are any nothing was chosen: they are to be removed first. */
  givenUp: readonly Entry[] = [];
  /** A model of which nothing was chosen since all that was seen is for faster workers. */
  leftModel: string | undefined;
  readonly #options: ChoiceOptions<Entry>;
  /** Held so that those behind them are seen, but not for this worker. */
  readonly #forOthers = new Set<Entry>();
  /** Of the batch; `undefined` until somebody is in it. */
  #limits: ChoiceLimits<Entry> | undefined;
  /** The head that limits were asked for last, and those. */
  #asked: { readonly head: Entry; readonly limits: ChoiceLimits<Entry> } | undefined;
  #sum = noRequests;
  #count = 0;
  #isPlanned = false;
  /** Whether more than one tenant's requests were seen. */
  #isShared = false;
  #tenant = "";

  constructor(options: ChoiceOptions<Entry>) {
    this.#options = options;
  }

  look(head: Entry): Verdict {
    const limits = this.#limitsOf(head);
    const alone = sumWith(noRequests, head);
    if (endsLate(alone, limits)) return this.#lookLate(head, limits);
    if (this.#limits !== undefined) return this.#lookNext(head, limits);
    this.#options.accepts(head.model);
    this.#limits = limits;
    this.#sum = alone;
    this.#count = 1;
    this.#tenant = head.tenant;
    if (!this.#options.isSingle && alone.items < limits.enoughItems(alone.length)) return "hold";
    this.reason = "full";
    return "last";
  }

  choose(held: readonly Entry[]): readonly Entry[] {
    if (this.reason === "probe") return this.#together(held.slice(-1));
    if (!this.#isPlanned && this.#forOthers.size === 0) return this.#together(held);
    const [first, ...others] = held.filter((entry) => !this.#forOthers.has(entry));
    if (first === undefined || this.#limits === undefined) {
      this.leftModel = held[0]?.model;
      return [];
    }
    const plan = planBatch([first, ...others], this.#limits);
    if (plan.reason === "deadline") this.givenUp = this.#options.giveUp(first.model, this.#limits);
    if (this.givenUp.length > 0) return [];
    if (plan.reason !== "noMore") this.reason = plan.reason;
    this.runs = plan.runs;
    return plan.entries;
  }

  #together(entries: readonly Entry[]): readonly Entry[] {
    this.runs = [entries.reduce(sumWith, noRequests)];
    return entries;
  }

  /** Those behind a head are often like it. */
  #limitsOf(head: Entry): ChoiceLimits<Entry> {
    if (this.#limits !== undefined) return this.#limits;
    if (this.#asked?.head.model !== head.model || this.#asked.head.length !== head.length) {
      this.#asked = { head, limits: this.#options.limitsOf(head) };
    }
    return this.#asked.limits;
  }

  #lookLate(head: Entry, limits: ChoiceLimits<Entry>): Verdict {
    // Before it is left to others: a worker that only believes itself slow has to find out.
    if (this.#limits === undefined && this.#options.refuses(head.model)) {
      this.#limits = limits;
      this.reason = "probe";
      return "last";
    }
    if (limits.isForOthers(head)) {
      this.#forOthers.add(head);
      return this.#forOthers.size < limits.windowCount ? "hold" : "last";
    }
    this.late.push(head);
    return "drop";
  }

  #lookNext(head: Entry, limits: ChoiceLimits<Entry>): Verdict {
    if (!this.#isShared && head.tenant !== this.#tenant) {
      this.#isShared = true;
      if (this.#hasSeenEnough(limits)) {
        this.reason = "full";
        return "end";
      }
    }
    const next = sumWith(this.#sum, head);
    if (!this.#isPlanned) {
      const kept = obstacle(next, limits);
      if (kept === "full" || kept === "cap") {
        this.reason = kept;
        return "end";
      }
      this.#isPlanned = kept === "deadline" || head.length !== this.#sum.length;
      // A plan may pass over requests.
      if (this.#isPlanned && head.order !== 0) {
        this.#isPlanned = false;
        this.reason = kept ?? "length";
        return "end";
      }
    }
    this.#sum = next;
    this.#count += 1;
    if (!this.#hasSeenEnough(limits)) return "hold";
    this.reason = "full";
    return "last";
  }

  /** Whether what is held fills a batch, and a window where there is a choice. */
  #hasSeenEnough(limits: ChoiceLimits<Entry>): boolean {
    if (this.#sum.items < limits.enoughItems(this.#sum.length)) return false;
    return !this.#isPlanned || this.#count >= (this.#isShared ? limits.windowCount : limits.ownWindowCount);
  }
}
