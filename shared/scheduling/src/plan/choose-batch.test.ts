import { describe, expect, test } from "vitest";
import { anEntry, type NamedEntry } from "../contract/entries.ts";
import { ChosenBatch } from "./choose-batch.ts";

/** A choice among requests that all fill a batch, with windows of 3, and of 5 for one tenant. */
function aChoice(): ChosenBatch<NamedEntry> {
  return new ChosenBatch<NamedEntry>({
    isSingle: false,
    limitsOf: () => ({
      maxItems: 32,
      maxBytes: Infinity,
      maxTokens: Infinity,
      maxDurationMs: Infinity,
      furtherMs: 0,
      startMs: 0,
      overheadMs: 0,
      windowCount: 3,
      ownWindowCount: 5,
      boundMs: ({ items, length }) => items * length,
      enoughItems: () => 2,
      isForOthers: () => false,
    }),
    refuses: () => false,
    accepts: () => undefined,
    giveUp: () => [],
  });
}

describe("ChosenBatch", () => {
  test.each([
    { tenants: "aaaaa", verdicts: ["hold", "hold", "hold", "hold", "last"] },
    { tenants: "aba", verdicts: ["hold", "hold", "last"] },
    { tenants: "aab", verdicts: ["hold", "hold", "last"] },
    { tenants: "aaab", verdicts: ["hold", "hold", "hold", "end"] },
  ])("looks at $tenants in turn: $verdicts", ({ tenants, verdicts }) => {
    const choice = aChoice();
    const heads = tenants
      .split("")
      .map((tenant, index) => anEntry({ tenant, length: 10 + index, arrival: index }));
    expect(heads.map((head) => choice.look(head))).toEqual(verdicts);
  });
});
