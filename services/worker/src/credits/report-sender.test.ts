import { decodeCredit, subjects } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { createReportOutbox } from "./report-outbox.ts";
import { createReportSender } from "./report-sender.ts";

const ended = (batchId: string) => ({
  batchId,
  costMs: 1,
  uselessMs: 0,
  returned: [],
  failed: [],
  unrun: [],
});

function aSender() {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const reported: string[] = [];
  nats.connect().subscribe(subjects.credit("p"), ({ payload }) => {
    reported.push(...decodeCredit(payload).done.map(({ batchId }) => batchId));
  });
  const sender = createReportSender({
    pool: "p",
    outbox: createReportOutbox({ openRuns: () => [], publishResults: () => undefined }),
    messaging: nats.connect(),
    clock,
    log: silentLogger,
    build: ({ told }) => ({
      creditId: "c",
      worker: "w",
      epoch: 1,
      models: [],
      freeInMs: 0,
      capacity: 0,
      ...told,
    }),
  });
  return { clock, sender, reported };
}

describe("createReportSender()", () => {
  test("sends at once what is awaited, with what waits", async () => {
    const { clock, sender, reported } = aSender();
    sender.add(ended("b1"), false);
    await clock.advance(5);
    expect(reported).toEqual([]);
    sender.add(ended("b2"), true);
    await clock.settle();
    expect(reported).toEqual(["b1", "b2"]);
  });

  test.each([false, true])("sends nothing after it was closed, awaited or not: %s", async (isAwaited) => {
    const { clock, sender, reported } = aSender();
    sender.close();
    sender.add(ended("b1"), isAwaited);
    await clock.advance(100);
    expect(reported).toEqual([]);
  });
});
