import { describe, expect, test } from "vitest";
import { createCredits, type WaitingCredit } from "./credits.ts";

const nowMs = 1000;

function aCredit(creditId: string, worker: string, freeAtMs = nowMs): WaitingCredit {
  const credit = { creditId, worker, epoch: 1, models: ["m"], freeInMs: 0, capacity: 1, done: [] };
  return { credit, reply: "", receivedMs: 0, freeAtMs };
}

function orderOf(
  waiting: readonly WaitingCredit[],
  batchCounts: Readonly<Record<string, number>> = {},
): string[] {
  const credits = createCredits((worker) => batchCounts[worker] ?? 0);
  for (const credit of waiting) credits.add(credit);
  return credits.inOrder(nowMs).map(({ credit }) => credit.creditId);
}

describe("createCredits()", () => {
  test("puts the worker first that will be free first", () => {
    const waiting = [
      aCredit("a1", "a", nowMs + 5),
      aCredit("b1", "b", nowMs + 1),
      aCredit("c1", "c", nowMs - 9),
    ];
    expect(orderOf(waiting)).toEqual(["c1", "b1", "a1"]);
  });

  test("takes turns among workers that are free now, however long their credits have waited", () => {
    const waiting = [
      aCredit("a1", "a", nowMs - 500),
      aCredit("a2", "a", nowMs - 500),
      aCredit("a3", "a", nowMs - 500),
      aCredit("b1", "b"),
      aCredit("b2", "b"),
    ];
    expect(orderOf(waiting)).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("puts the worker first that has less to do", () => {
    const waiting = [aCredit("a1", "a"), aCredit("a2", "a"), aCredit("b1", "b"), aCredit("b2", "b")];
    expect(orderOf(waiting, { a: 2, b: 1 })).toEqual(["b1", "a1", "b2", "a2"]);
  });
});
