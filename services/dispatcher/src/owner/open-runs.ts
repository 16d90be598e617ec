import type { Run } from "./open-request.ts";

/**
 * Every request of a pool that is open: that waits, or that a worker runs. Ids are unique for their caller only, so a request is
 * known by its reply subject and its id.
 */
export interface OpenRuns {
  find(reply: string, id: string): Run | undefined;
  /** All with this id, whoever their callers are. */
  withId(id: string): Run[];
  /** Takes a run in, in place of another with the same reply subject and id. */
  add(run: Run): void;
  /** Forgets a run; another that took its place stays. */
  remove(run: Run): void;
}

/** Slots of a table that is new. */
const firstSlotCount = 256;

/** Characters of an id that place it: the last ones, which differ where ids count up and where they are random. */
const placingLength = 6;

/** Runs in one slot beyond which others go to a map: whoever makes up ids that fall into one slot slows nobody down. */
const maxChain = 8;

/**
 * Creates the table of a pool without any: a hash table with the runs themselves as links. Not a `Map`: one that is filled and
 * emptied all the time copies itself again and again, and its old copies keep ended requests in memory until the next full
 * collection. That was a fifth of the instructions that a request takes in its owner.
 */
export function createOpenRuns(): OpenRuns {
  /** The first run of each chain. A power of two, at least as many as there are runs. */
  let slots = newSlots(firstSlotCount);
  let size = 0;
  /** Those for which there was no room in a chain, by their ids, then by their reply subjects. */
  const crowded = new Map<string, Map<string, Run>>();

  const slotOf = (hash: number): number => hash & (slots.length - 1);

  const link = (run: Run): void => {
    const slot = slotOf(run.openHash);
    run.nextOpen = slots[slot];
    slots[slot] = run;
  };

  /** Takes a run out of its chain; false if it is not there. */
  const unlink = (run: Run): boolean => {
    const slot = slotOf(run.openHash);
    let before: Run | undefined;
    let at = slots[slot];
    while (at !== undefined && at !== run) {
      before = at;
      at = at.nextOpen;
    }
    if (at === undefined) return false;
    if (before === undefined) slots[slot] = run.nextOpen;
    else before.nextOpen = run.nextOpen;
    run.nextOpen = undefined;
    return true;
  };

  const grow = (): void => {
    const chains = slots;
    slots = newSlots(2 * chains.length);
    for (const first of chains) {
      let run = first;
      while (run !== undefined) {
        const next: Run | undefined = run.nextOpen;
        link(run);
        run = next;
      }
    }
  };

  const find = (reply: string, id: string): Run | undefined => {
    const hash = hashOf(id);
    let run = slots[slotOf(hash)];
    while (run !== undefined && !(run.openHash === hash && run.id === id && run.reply === reply)) {
      run = run.nextOpen;
    }
    return run === undefined && crowded.size > 0 ? crowded.get(id)?.get(reply) : run;
  };

  const withId = (id: string): Run[] => {
    const runs = [...(crowded.get(id)?.values() ?? [])];
    for (let run = slots[slotOf(hashOf(id))]; run !== undefined; run = run.nextOpen) {
      if (run.id === id) runs.push(run);
    }
    return runs;
  };

  const crowd = (run: Run): void => {
    const namesakes = crowded.get(run.id);
    if (namesakes === undefined) crowded.set(run.id, new Map([[run.reply, run]]));
    else namesakes.set(run.reply, run);
  };

  const uncrowd = ({ id, reply }: Run): void => {
    const namesakes = crowded.get(id);
    namesakes?.delete(reply);
    if (namesakes?.size === 0) crowded.delete(id);
  };

  const isFull = (hash: number): boolean => {
    let length = 0;
    for (let run = slots[slotOf(hash)]; run !== undefined; run = run.nextOpen) length += 1;
    return length >= maxChain;
  };

  const remove = (run: Run): void => {
    if (unlink(run)) size -= 1;
    else if (crowded.size > 0 && crowded.get(run.id)?.get(run.reply) === run) uncrowd(run);
  };

  return {
    find,
    withId,
    add: (run) => {
      const other = find(run.reply, run.id);
      if (other !== undefined) remove(other);
      run.openHash = hashOf(run.id);
      if (isFull(run.openHash)) {
        crowd(run);
        return;
      }
      link(run);
      size += 1;
      if (size > slots.length) grow();
    },
    remove,
  };
}

function newSlots(count: number): (Run | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}

function hashOf(id: string): number {
  let hash = 0;
  for (let at = Math.max(0, id.length - placingLength); at < id.length; at++) {
    hash = (Math.imul(hash, 33) + id.charCodeAt(at)) & 0x3fff_ffff;
  }
  return hash;
}
