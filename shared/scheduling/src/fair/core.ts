import type { QueueEntry } from "../request-queue.ts";
import type { SharePolicies } from "../share-policy.ts";
import { createClasses } from "./classes.ts";
import { createContest, type Contest } from "./contest.ts";
import { createGuarantees, type Guarantees } from "./guarantees.ts";
import { createTenants, type Tenants } from "./tenants.ts";
import type { LaneKind } from "./tree.ts";

/** A model and its two kinds of lanes. */
export interface Model extends LaneKind {
  readonly shared: LaneKind;
  readonly alone: LaneKind;
}

/** All that a fair queue decides by. */
export interface Core<Entry extends QueueEntry> {
  readonly policies: SharePolicies;
  readonly guarantees: Guarantees<Entry>;
  readonly contest: Contest<Entry>;
  readonly tenants: Tenants<Entry>;
  readonly models: ReadonlyMap<string, Model>;
  /** The record of a model; made when it is needed first. */
  model(name: string): Model;
}

export function createCore<Entry extends QueueEntry>(policies: SharePolicies): Core<Entry> {
  const classes = createClasses<Entry>();
  const guarantees = createGuarantees<Entry>();
  const contest = createContest(guarantees);
  const models = new Map<string, Model>();
  return {
    policies,
    guarantees,
    contest,
    tenants: createTenants({ policies, contest, classes, guarantees }),
    models,
    model: (name) => {
      let known = models.get(name);
      if (known === undefined) {
        const model = { waiting: 0, costPerItemMs: 0 };
        known = { model, shared: { model }, alone: { model } };
        models.set(name, known);
      }
      return known;
    },
  };
}
