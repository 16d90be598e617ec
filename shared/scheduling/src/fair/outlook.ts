import type { BatchLimits, QueueEntry, RequestQueue } from "../request-queue.ts";

/** When a waiting entry is expected to be taken, as things stand: what comes later may go before it. */
export interface Outlook {
  /** Place among the waiting entries of its tenant: 1 = the next of them. */
  readonly place: number;
  /** Number of entries, of all tenants, that go before it. */
  readonly aheadCount: number;
  /** What those are estimated to cost, in worker-milliseconds. */
  readonly aheadMs: number;
  /** Time until its batch begins; `undefined` where nobody is there to run it. */
  readonly startInMs: number | undefined;
  /** Whether its tenant, or its group, has as much in flight as it may: then it waits for its own to end, too. */
  readonly isHeld: boolean;
}

/** Where one batch after the other runs. */
export interface Slot<Entry extends QueueEntry> {
  /** What it asks for next. */
  readonly limits: BatchLimits;
  /** What runs there. */
  readonly running: readonly Entry[];
  /** Time until that has ended, in milliseconds. */
  readonly freeInMs: number;
}

/** A slot that the rehearsal moves on. */
type MovingSlot<Entry extends QueueEntry> = { -readonly [Key in keyof Slot<Entry>]: Slot<Entry>[Key] };

/** Who will run what waits. */
export interface PoolNow<Entry extends QueueEntry> {
  readonly slots: readonly Slot<Entry>[];
  readonly nowMs: number;
}

export interface RehearsalOptions<Entry extends QueueEntry> extends PoolNow<Entry> {
  /** The one that is waited for. */
  readonly entry: Entry;
  /** Number of entries before it in its lane. */
  readonly laneAheadCount: number;
  /** Number of waiting entries that run alone. */
  readonly aloneCount: number;
}

/** How many entries are taken at most, which takes 30 to 60 ms. What is further away is reckoned from these. */
const mostTaken = 10_000;

/** What was taken so far. */
interface Progress {
  count: number;
  costMs: number;
  /** Of those, the entries of the tenant, and of the lane, of the one that is waited for. */
  tenantCount: number;
  laneCount: number;
  timeMs: number;
}

/**
 * Serves a copy of a queue until an entry is taken: slots take batches as they become free, and what they take costs what it is
 * estimated to cost. Right to the request where that is so and nothing comes; not foreseen is that whoever chooses a batch leaves
 * some of its candidates for later. Nobody misses a deadline here, so that one who will can be told so.
 */
export function rehearse<Entry extends QueueEntry>(
  queue: RequestQueue<Entry>,
  options: RehearsalOptions<Entry>,
): Omit<Outlook, "isHeld"> {
  const { entry, nowMs, laneAheadCount } = options;
  let { aloneCount } = options;
  const slots = options.slots.map((slot): MovingSlot<Entry> => ({ ...slot }));
  const progress: Progress = { count: 0, costMs: 0, tenantCount: 0, laneCount: 0, timeMs: 0 };

  const pass = (other: Entry): void => {
    if (other.runsAlone) aloneCount -= 1;
    progress.count += 1;
    progress.costMs += other.chargedMs;
    if (other.tenant !== entry.tenant) return;
    progress.tenantCount += 1;
    if (other.model === entry.model && other.runsAlone === entry.runsAlone) progress.laneCount += 1;
  };

  const takeFor = ({ limits }: MovingSlot<Entry>): readonly Entry[] => {
    // Asked for only where there are some, as an owner does: asking changes who is held back.
    const alone = aloneCount > 0 ? queue.take({ ...limits, alone: true }, nowMs) : [];
    return alone.length > 0 ? alone : queue.take(limits, nowMs);
  };

  /** Ends everything that has ended by now. */
  const settle = (): void => {
    for (const slot of slots) {
      if (slot.freeInMs > progress.timeMs) continue;
      for (const ended of slot.running) queue.settle(ended, ended.chargedMs);
      slot.running = [];
    }
  };

  /** When something ends that may have kept back what waits. */
  const nextEndMs = (): number =>
    Math.min(...slots.map((slot) => (slot.running.length > 0 ? slot.freeInMs : Infinity)));

  while (progress.count < mostTaken) {
    const freeInMs = Math.min(...slots.map((slot) => slot.freeInMs));
    const slot = slots.find((each) => each.freeInMs === freeInMs);
    if (slot === undefined || freeInMs === Infinity)
      return { ...reckoned(progress, 1), startInMs: undefined };
    progress.timeMs = freeInMs;
    settle();
    slot.running = takeFor(slot);
    for (const taken of slot.running) {
      if (taken === entry) return reckoned(progress, 1);
      pass(taken);
      slot.freeInMs += taken.chargedMs;
    }
    if (slot.running.length === 0) slot.freeInMs = nextEndMs();
  }
  return reckoned(progress, progress.laneCount === 0 ? 1 : laneAheadCount / progress.laneCount);
}

/** What the outlook is where the entry is `factor` times as far away as the rehearsal went. */
function reckoned({ count, costMs, tenantCount, timeMs }: Progress, factor: number): Omit<Outlook, "isHeld"> {
  return {
    place: Math.round(tenantCount * factor) + 1,
    aheadCount: Math.round(count * factor),
    aheadMs: costMs * factor,
    startInMs: timeMs * factor,
  };
}
