import { tenantClasses, type TenantClass } from "@sluice/protocol";
import type { QueueEntry } from "../request-queue.ts";
import { createBranch, createGroup, type Branch, type PoolClass } from "./tree.ts";

/** Part of the pool's time that a class gets at least while it waits, whatever waits in higher ones. */
export const classFloor = 0.05;

/** What counts as of late, in worker-milliseconds that the pool gave: many requests, yet soon over. */
const windowMs = 10_000;

/** How far a class may get ahead of its floor or fall behind it: what is longer ago is forgotten. */
const mostEarnedMs = classFloor * windowMs;

/**
 * The classes of a pool: what waits of a higher one goes before what waits of a lower one, and each has a floor, so that nobody
 * waits for ever. A class in which nothing waits takes nothing from the others.
 *
 * **Floor.** A class that waits below another earns its part of everything that is charged, and pays for what is charged to its
 * own tenants. Once it has earned what its next request is estimated to cost, this one goes first. So who has just come to a
 * lower class passes nobody. Nothing is saved up while nothing waits, and what a class gets while nothing waits above it is free.
 */
export interface Classes<Entry extends QueueEntry> {
  /** One for each class, from the highest to the lowest. */
  readonly roots: readonly Branch<Entry>[];
  root(name: TenantClass): Branch<Entry>;
  /** Notes a charge to somebody of the class, or what corrects one. */
  charge(poolClass: PoolClass, costMs: number): void;
  /**
   * Part of the pool that is left for a class: without what higher ones received of late, and the floors of the lower ones that
   * have work; at least its floor.
   */
  partOf(poolClass: PoolClass): number;
}

/** Whether the floor of a class gives it a request of this cost. One dearer than may be earned is paid for afterwards. */
export function hasEarned({ earnedMs }: PoolClass, costMs: number): boolean {
  return earnedMs >= Math.min(costMs, mostEarnedMs);
}

export function createClasses<Entry extends QueueEntry>(): Classes<Entry> {
  const roots = tenantClasses.map((name, rank) =>
    createBranch<Entry>("", {
      poolClass: { name, rank, earnedMs: 0, recentMs: 0 },
      parent: undefined,
      group: createGroup(),
      policy: { weight: 1, minShare: 0, maxInFlight: Infinity },
      revision: 0,
    }),
  );
  const byName = new Map(roots.map((root) => [root.poolClass.name, root]));

  return {
    roots,
    root: (name) => {
      const root = byName.get(name);
      if (root !== undefined) return root;
      throw new Error(`no class "${name}", expected one of ${tenantClasses.join(", ")}`);
    },
    charge: (poolClass, costMs) => {
      const keptPart = Math.min(1, Math.max(0, 1 - costMs / windowMs));
      let isBelow = false;
      for (const { poolClass: each, contending } of roots) {
        // Most pools have work of one class.
        if (contending === 0 && each !== poolClass && each.recentMs === 0 && each.earnedMs === 0) continue;
        const ownMs = each === poolClass ? costMs : 0;
        each.recentMs = Math.max(0, each.recentMs * keptPart + ownMs);
        let earnedMs = Math.max(-mostEarnedMs, each.earnedMs);
        if (isBelow) earnedMs -= ownMs;
        if (contending === 0) earnedMs = Math.min(0, earnedMs);
        else if (isBelow) earnedMs = Math.min(mostEarnedMs, earnedMs + classFloor * costMs);
        each.earnedMs = earnedMs;
        isBelow ||= contending > 0;
      }
    },
    partOf: ({ rank }) => {
      let part = 1;
      for (const { poolClass, working } of roots) {
        if (poolClass.rank < rank) part -= poolClass.recentMs / windowMs;
        else if (poolClass.rank > rank && working > 0) part -= classFloor;
      }
      return Math.max(classFloor, part);
    },
  };
}
