import type { FairQueue } from "../fair/fair-queue.ts";
import { curveMs } from "../latency/latency-curve.ts";
import type { LatencyProfile } from "../latency/latency-profile.ts";
import type { BatchLimits, QueueEntry } from "../request-queue.ts";
import { createArrivals, type Arrivals } from "./arrivals.ts";
import type { BatchSum, PlanLimits } from "./batch-sum.ts";
import { knownLimits, unknownLimits, type ChoiceLimits, type Situation } from "./choice-limits.ts";
import { ChosenBatch } from "./choose-batch.ts";
import { chooseGivenUp } from "./give-up.ts";
import type { BatchReason } from "./plan-batch.ts";
import { createExpectedEnds } from "./expected-ends.ts";
import { createProbes } from "./probes.ts";
import { createRecentTimeouts } from "./recent-timeouts.ts";

/** What a worker that is free, or soon will be, offers. */
export interface BatchAsk {
  readonly worker: string;
  readonly limits: BatchLimits;
  /** Most elements of a batch of a model with all rows padded to the longest; one request alone may have more. */
  maxTokens(model: string): number;
  /** When the worker expects to be free, on the clock of `nowMs`. */
  readonly freeAtMs: number;
  /** What passes beside the run between the worker being free and the callers having their answers. */
  readonly overheadMs: number;
  /** How long a model takes on this worker; `undefined` while nothing is known: its batches are filled to the limits. */
  profile(model: string): LatencyProfile | undefined;
  /** The same on the fastest worker of the pool. */
  fastest(model: string): LatencyProfile | undefined;
}

/** What a worker is given. */
export interface PlannedBatch<Entry extends QueueEntry> {
  /** Of one model; taken from the queue. Empty where nothing waits that the worker should run. */
  readonly entries: readonly Entry[];
  /** Meaningless without entries. */
  readonly reason: BatchReason;
  /** How long the run is expected to take; 0 where that is not known. */
  readonly predictedMs: number;
  /** Removed from the queue because they cannot be answered in time any more. */
  readonly late: readonly Entry[];
  /** Removed from the queue because more of the others will be in time without them. */
  readonly givenUp: readonly Entry[];
}

/** Of a batch that has ended. */
export interface EndedBatch {
  readonly worker: string;
  readonly model: string;
  readonly reason: BatchReason;
  readonly predictedMs: number;
  readonly tookMs: number;
}

/** Decides what the workers of a pool run next. Pure: time is an argument. The owner and the simulation run this. */
export interface BatchScheduler<Entry extends QueueEntry> {
  /** Notes a request that came with time left and was put in the queue; not one that came back to it. */
  arrived(entry: Entry, nowMs: number): void;
  /** Takes the next batch for a worker from the queue; of several that ask, for the one first that is free first. */
  next(ask: BatchAsk, nowMs: number): PlannedBatch<Entry>;
  /** Notes how long a worker took for a batch. */
  ended(batch: EndedBatch): void;
  /** Forgets a worker that is gone. */
  forget(worker: string): void;
}

export interface BatchSchedulerOptions<Entry extends QueueEntry> {
  readonly queue: FairQueue<Entry>;
}

/** Most requests that are looked at to decide whom to give up: most models run fewer within the time that callers allow. */
const lookAhead = 512;

/** Part of a new batch in the mean of their sizes: about the last ten count. */
const newPart = 0.2;

/** What a window is that leaves a choice. It is also how far who comes first in fair order may be passed over. */
const batchesPerWindow = 2;
const leastWindow = 8;
const mostWindow = 32;

/** Where only one tenant waits nobody else is passed over: more lengths to choose from mean less padding. */
const ownWindow = 64;

interface TakenBatch<Entry extends QueueEntry> {
  readonly entries: readonly Entry[];
  /** What of it runs together. */
  readonly runs: readonly BatchSum[];
}

/** A worker that asks, and when. */
interface Asked {
  readonly ask: BatchAsk;
  readonly nowMs: number;
}

/** What is known of the requests for a model, whoever runs it. */
interface ModelState {
  readonly arrivals: Arrivals;
  /** How long it takes on the fastest worker, as of the last time that one asked. */
  fastest: LatencyProfile | undefined;
  /** Mean number of requests in its last batches. */
  recentCount: number;
  /** Mean of what each of them was expected to take of its batch. */
  recentRequestMs: number;
}

/**
 * Creates the scheduler of one pool. A batch is filled in fair order as long as its requests have one length and all of them will
 * be in time. Else a window is looked at: what cannot be in time any more is given up, the rest is grouped by length and cut to
 * what can, and where the most urgent make batches small so that more are lost than saved, they are given up.
 *
 * Source: docs/decisions/0017.
 */
export function createBatchScheduler<Entry extends QueueEntry>({
  queue,
}: BatchSchedulerOptions<Entry>): BatchScheduler<Entry> {
  const models = new Map<string, ModelState>();
  const probes = createProbes();
  const recentTimeouts = createRecentTimeouts();
  const ends = createExpectedEnds();

  const stateOf = (model: string): ModelState => {
    let state = models.get(model);
    if (state === undefined) {
      state = {
        arrivals: createArrivals(),
        fastest: undefined,
        recentCount: leastWindow,
        recentRequestMs: 0,
      };
      models.set(model, state);
    }
    return state;
  };

  const limitsOf = (head: Entry, { ask, nowMs }: Asked): ChoiceLimits<Entry> => {
    const state = stateOf(head.model);
    state.fastest = ask.fastest(head.model);
    const { recentCount, fastest } = state;
    const startMs = Math.max(nowMs, ask.freeAtMs);
    const situation: Situation = {
      limits: ask.limits,
      maxTokens: ask.maxTokens(head.model),
      startMs,
      overheadMs: ask.overheadMs,
      fastest,
      windowCount: Math.min(mostWindow, Math.max(leastWindow, batchesPerWindow * recentCount)),
      ownWindowCount: ownWindow,
      timeouts: recentTimeouts.parts(nowMs),
      neededCount: state.recentRequestMs / (state.arrivals.expected(startMs)?.gapMs ?? Infinity),
      othersFreeInMs: ends.others(ask, nowMs).map((endMs) => endMs - startMs),
      waitingCount: queue.depth(head.model),
    };
    const profile = ask.profile(head.model);
    return profile === undefined ? unknownLimits(head, situation) : knownLimits(head, profile, situation);
  };

  /** Requests for a model to give up so that fewest are lost. */
  const giveUp = (
    model: string,
    { startMs, overheadMs, maxItems, maxDurationMs }: PlanLimits,
    { ask, nowMs }: Asked,
  ): Entry[] => {
    const profile = ask.profile(model);
    const waiting = profile === undefined ? [] : queue.mostUrgent(model, lookAhead);
    if (profile === undefined || waiting.length === 0) return [];
    const freeAtMs = [startMs, ...ends.others(ask, nowMs)];
    const arrivals = stateOf(model).arrivals.expected(startMs);
    const fairShareOf = (tenant: string): number => queue.load(tenant, model).fairShare;
    return chooseGivenUp(waiting, {
      profile,
      freeAtMs,
      overheadMs,
      maxItems,
      maxDurationMs,
      arrivals,
      fairShareOf,
    });
  };

  /** Expected time of a batch that was taken, which occupies its worker from now on. */
  const noteBatch = ({ entries, runs }: TakenBatch<Entry>, ask: BatchAsk, nowMs: number): number => {
    const [first] = entries;
    if (first === undefined) return 0;
    const state = stateOf(first.model);
    state.recentCount += newPart * (entries.length - state.recentCount);
    const profile = ask.profile(first.model);
    if (profile === undefined) return 0;
    const predictedMs = runs.reduce((sum, run) => sum + curveMs(profile.curve, run), 0);
    state.recentRequestMs += newPart * (predictedMs / entries.length - state.recentRequestMs);
    ends.add(ask, { nowMs, tookMs: predictedMs });
    return predictedMs;
  };

  return {
    arrived: (entry, nowMs) => {
      const { arrivals, fastest } = stateOf(entry.model);
      const timeoutMs = entry.deadlineMs - nowMs;
      const aloneMs = fastest === undefined ? 0 : curveMs(fastest.curve, entry);
      // Who allows less than the run takes is not served, and nobody else has smaller batches for that.
      if (aloneMs > timeoutMs) return;
      arrivals.note(nowMs, timeoutMs);
      recentTimeouts.note({ timeoutMs, aloneMs }, nowMs);
    },

    next: (ask, nowMs) => {
      const late: Entry[] = [];
      let givenUp: readonly Entry[] = [];
      let { limits } = ask;
      const asked = { ask, nowMs };
      for (;;) {
        const chosen = new ChosenBatch<Entry>({
          isSingle: limits.alone,
          limitsOf: (head) => limitsOf(head, asked),
          refuses: (model) => probes.refuse(ask.worker, model, nowMs),
          accepts: (model) => probes.accept(ask.worker, model),
          giveUp: (model, known) => (givenUp.length === 0 ? giveUp(model, known, asked) : []),
        });
        const entries = queue.takeChosen(limits, chosen, nowMs);
        late.push(...chosen.late);
        const { leftModel, reason, runs } = chosen;
        if (chosen.givenUp.length > 0) {
          givenUp = chosen.givenUp;
          for (const entry of givenUp) queue.remove(entry);
        } else if (leftModel === undefined) {
          return { entries, reason, predictedMs: noteBatch({ entries, runs }, ask, nowMs), late, givenUp };
        } else {
          limits = { ...limits, models: limits.models.filter((model) => model !== leftModel) };
        }
      }
    },

    ended: ({ worker, model, reason, predictedMs, tookMs }) => {
      if (reason === "probe") probes.end(worker, model, { tookMs, predictedMs });
    },

    forget: (worker) => {
      probes.forget(worker);
      ends.forget(worker);
    },
  };
}
