import { limitOf, type Refusal } from "@sluice/protocol";
import type { DispatcherEvent, OnDispatcherEvent } from "../event.ts";

/** Tells of refusals: those that are alike and follow each other by one event, since an event costs as much as the refusal. */
export interface RefusalCounts {
  note(tenant: string, model: string, refusal: Refusal): void;
  /** Tells of what was noted since. */
  tell(): void;
}

export interface RefusalCountsOptions {
  readonly pool: string;
  readonly onEvent: OnDispatcherEvent;
}

type Refused = Extract<DispatcherEvent, { type: "requestsRefused" }> & { count: number };

export function createRefusalCounts({ pool, onEvent }: RefusalCountsOptions): RefusalCounts {
  let refused: Refused | undefined;

  const tell = (): void => {
    if (refused !== undefined) onEvent(refused);
    refused = undefined;
  };

  return {
    note: (tenant, model, refusal) => {
      const { code } = refusal;
      const { limit, of } = limitOf(refusal);
      if (
        refused !== undefined &&
        refused.tenant === tenant &&
        refused.model === model &&
        refused.code === code &&
        refused.limit === limit &&
        refused.of === of
      ) {
        refused.count += 1;
        return;
      }
      tell();
      refused = { type: "requestsRefused", pool, model, tenant, code, limit, of, count: 1 };
    },
    tell,
  };
}
