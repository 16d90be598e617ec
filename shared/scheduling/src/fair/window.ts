import type { QueueEntry } from "../request-queue.ts";
import type { Contest } from "./contest.ts";
import { estimateMs } from "./cost-estimate.ts";
import type { Guarantees } from "./guarantees.ts";
import type { Ledger } from "./ledger.ts";
import type { Ask, NextLane } from "./next-lane.ts";
import { restoreStanding, standingOf, type Standing } from "./standing.ts";
import type { Tenants } from "./tenants.ts";
import type { Lane, PoolClass } from "./tree.ts";

/**
 * What is done with the next request in fair order: `hold`, it may be in the batch; `last`, the same, and enough was seen;
 * `drop`, it leaves the queue; `end`, enough was seen before it.
 */
export type Verdict = "hold" | "last" | "drop" | "end";

/** Who decides what is in a batch, while the queue says in which order. */
export interface BatchChoice<Entry extends QueueEntry> {
  /** Called with one head after the other: those that would be taken next if what is held were taken. */
  look(head: Entry): Verdict;
  /**
   * Called once if something is held: which of it is taken. What is not taken is as if it had never been looked at.
   * @param held - in fair order, all of one model
   * @returns some of them in the same order
   */
  choose(held: readonly Entry[]): readonly Entry[];
}

/** Shows a choice the requests of the queue in fair order, and charges only what it takes. */
export interface Window<Entry extends QueueEntry> {
  take(ask: Ask, choice: BatchChoice<Entry>): readonly Entry[];
}

export interface WindowOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly contest: Contest<Entry>;
  readonly guarantees: Guarantees<Entry>;
  readonly ledger: Ledger<Entry>;
  readonly nextLane: NextLane<Entry>;
  /** Counts an entry out that waits no more. */
  readonly leave: (entry: Entry, lane: Lane<Entry>) => void;
  /** Takes an entry out of wherever it waits. */
  readonly withdraw: (entry: Entry) => void;
  readonly findLane: (entry: Entry) => Lane<Entry> | undefined;
}

/** An entry that is out of its lane and charged for the time being. */
interface Held<Entry extends QueueEntry> {
  readonly entry: Entry;
  readonly lane: Lane<Entry>;
  /** As of before it was charged. */
  readonly standing: Standing;
}

/**
 * Creates the window. What it holds is charged as if it were taken, so that the order is the one in which it would be; if not
 * all of it is taken, all charges are taken back, in reverse, and then those made that remain.
 */
export function createWindow<Entry extends QueueEntry>(options: WindowOptions<Entry>): Window<Entry> {
  const { tenants, contest, guarantees, ledger, nextLane, leave, withdraw, findLane } = options;
  const { roots } = tenants.classes;

  const charge = (entry: Entry, lane: Lane<Entry>): void => {
    entry.chargedMs = estimateMs(lane, entry);
    ledger.charge(lane, entry.chargedMs);
  };

  const hold = (entry: Entry, lane: Lane<Entry>): Held<Entry> => {
    const standing = standingOf(lane);
    lane.entries.pop();
    charge(entry, lane);
    return { entry, lane, standing };
  };

  const release = ({ entry, lane, standing }: Held<Entry>): void => {
    lane.entries.putBack(entry);
    ledger.takeBack(lane, entry.chargedMs);
    entry.chargedMs = 0;
    tenants.unparkWhereRoom(lane.owner);
    contest.reseat(lane);
    // Whoever contends again was lifted just now: it never stopped.
    restoreStanding(lane, standing);
    guarantees.reorder(lane.owner);
    guarantees.reorder(lane.owner.branch.group);
    contest.reorder(lane.owner);
  };

  const classesNow = (): PoolClass[] => roots.map(({ poolClass }) => ({ ...poolClass }));

  return {
    take: (ask, choice) => {
      const held: Held<Entry>[] = [];
      const entries: Entry[] = [];
      const clockMs = guarantees.clockMs();
      const classes = classesNow();
      let current = ask;
      for (;;) {
        const lane = nextLane.find(current);
        const head = lane?.head;
        const verdict = head === undefined ? "end" : choice.look(head);
        if (lane === undefined || head === undefined || verdict === "end") break;
        if (verdict === "drop") {
          withdraw(head);
          continue;
        }
        held.push(hold(head, lane));
        entries.push(head);
        if (verdict === "last") break;
        if (current.kinds.length > 1) current = { ...ask, kinds: [lane.kind] };
      }
      const chosen = entries.length === 0 ? entries : choice.choose(entries);
      if (chosen.length === entries.length) {
        for (const { entry, lane } of held) leave(entry, lane);
        return chosen;
      }
      for (const each of held.toReversed()) release(each);
      guarantees.setBack(clockMs);
      roots.forEach(({ poolClass }, rank) => Object.assign(poolClass, classes[rank]));
      for (const entry of chosen) {
        const lane = findLane(entry);
        if (lane === undefined) continue;
        leave(entry, lane);
        charge(entry, lane);
      }
      return chosen;
    },
  };
}
