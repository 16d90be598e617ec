import type { QueueEntry, RequestQueue } from "../request-queue.ts";
import { copyEstimates, copyShares } from "./copy-core.ts";
import { createCore, type Core } from "./core.ts";
import { goesBefore } from "./lane-entries.ts";
import { rehearse, type Outlook, type PoolNow } from "./outlook.ts";
import { groupHasRoom, hasRoom } from "./room.ts";
import type { Lane } from "./tree.ts";

export interface ForetellOptions<Entry extends QueueEntry> {
  /** The lane in which the entry waits. */
  readonly lane: Lane<Entry>;
  readonly entry: Entry;
  readonly pool: PoolNow<Entry>;
  /** Makes a queue that decides by this core. */
  readonly createQueue: (core: Core<Entry>) => RequestQueue<Entry>;
}

/** Rehearses on a copy what the queue will do. Costs a look at all that waits. `undefined` for an entry that waits no more. */
export function foretell<Entry extends QueueEntry>(
  core: Core<Entry>,
  { lane, entry, pool, createQueue }: ForetellOptions<Entry>,
): Outlook | undefined {
  const { tenants, policies } = core;
  const copy = createCore<Entry>({
    revision: () => 0,
    // As the queue has them: what changed meanwhile counts from its next look.
    tenant: (name) => tenants.find(name)?.policy ?? policies.tenant(name),
    group: (name) => policies.group(name),
  });
  const queue = createQueue(copy);
  copyEstimates(core, copy);
  const slots = pool.slots.map((slot) => {
    const running = slot.running.map(again);
    for (const each of running) queue.adopt(each);
    return { ...slot, running };
  });
  let twin: Entry | undefined;
  let aloneCount = 0;
  for (const tenant of tenants.known()) {
    for (const { entries } of tenant.lanes) {
      for (const each of entries.inOrder()) {
        const next = again(each);
        queue.add(next);
        if (next.runsAlone) aloneCount += 1;
        if (each === entry) twin = next;
      }
    }
  }
  copyShares(core, copy);
  if (twin === undefined) return undefined;

  let laneAheadCount = 0;
  for (const other of lane.entries.values()) if (goesBefore(other, entry)) laneAheadCount += 1;
  const { nowMs } = pool;
  return {
    ...rehearse(queue, { entry: twin, slots, nowMs, laneAheadCount, aloneCount }),
    isHeld: !hasRoom(lane.owner) || !groupHasRoom(lane.owner.branch),
  };
}

/** The same entry for another queue. */
function again<Entry extends QueueEntry>(entry: Entry): Entry {
  return { ...entry, chargedMs: 0, stay: "new" };
}
