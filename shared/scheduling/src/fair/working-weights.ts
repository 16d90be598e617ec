import type { QueueEntry } from "../request-queue.ts";
import type { Classes } from "./classes.ts";
import type { Branch, Tenant } from "./tree.ts";

/*
 * The sum of the weights of those that have work, for every branch: that have something waiting or in flight, so that a tenant
 * which sends one request after the other counts all the time. Kept as they come and go: whoever asks for a part of it looks
 * at nobody else.
 */

/** Called when a tenant without work gets some. */
export function startWork<Entry extends QueueEntry>(tenant: Tenant<Entry>): void {
  const { branch } = tenant;
  countIn(branch, tenant);
  if (branch.parent !== undefined && branch.working === 1) countIn(branch.parent, branch);
}

/** Called when a tenant has none any more. */
export function endWork<Entry extends QueueEntry>(tenant: Tenant<Entry>): void {
  const { branch } = tenant;
  countOut(branch, tenant);
  if (branch.parent !== undefined && branch.working === 0) countOut(branch.parent, branch);
}

/** Called when the policy of a child of the branch may have changed. */
export function reweigh<Entry extends QueueEntry>(
  branch: Branch<Entry>,
  child: Tenant<Entry> | Branch<Entry>,
): void {
  const { countedWeight, policy } = child;
  if (countedWeight === 0 || countedWeight === policy.weight) return;
  branch.workingWeight += policy.weight - countedWeight;
  child.countedWeight = policy.weight;
}

/** A child of a branch by weight: what it is due, and what it is counted with. */
interface Weighted {
  readonly weight: number;
  readonly countedWeight: number;
}

/** Part of what its branch is due that a child is due among those of its siblings that have work: by weight. */
export function partOfBranch<Entry extends QueueEntry>(
  { weight, countedWeight }: Weighted,
  { workingWeight }: Branch<Entry>,
): number {
  return weight / (workingWeight - countedWeight + weight);
}

/** Part of the pool that a child of the branch is due among those that have work: by weight, of what is left for its class. */
export function partOfPool<Entry extends QueueEntry>(
  child: Weighted,
  { branch, classes }: { readonly branch: Branch<Entry>; readonly classes: Classes<Entry> },
): number {
  const part = partOfBranch(child, branch);
  const { parent } = branch;
  if (parent === undefined) return part * classes.partOf(branch.poolClass);
  const { countedWeight, policy } = branch;
  return part * partOfPool({ weight: policy.weight, countedWeight }, { branch: parent, classes });
}

function countIn<Entry extends QueueEntry>(
  branch: Branch<Entry>,
  child: Tenant<Entry> | Branch<Entry>,
): void {
  child.countedWeight = child.policy.weight;
  branch.working += 1;
  branch.workingWeight += child.countedWeight;
}

function countOut<Entry extends QueueEntry>(
  branch: Branch<Entry>,
  child: Tenant<Entry> | Branch<Entry>,
): void {
  branch.working -= 1;
  // Sums of fractions keep a rest that would add up over the years.
  branch.workingWeight = branch.working === 0 ? 0 : branch.workingWeight - child.countedWeight;
  child.countedWeight = 0;
}
