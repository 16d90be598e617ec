import { describe, expect, test } from "vitest";
import { createRandom } from "@sluice/load-generator";
import { createEventLoop } from "../event-loop.ts";
import { aRequest } from "../request.fixture.ts";
import { knowing } from "./latencies.ts";
import { createServingWorker } from "./serving-worker.ts";

const aBatch = { entries: [aRequest()], reason: "noMore", predictedMs: 0, late: [], givenUp: [] } as const;
const curve = { fixedMs: 9, perElementMs: 1, perPairMs: 0 };

describe("createServingWorker()", () => {
  test("asks at once, then so long before its free time that the next batch comes when it is free", () => {
    const loop = createEventLoop();
    const credits: unknown[] = [];
    const runsMs: number[] = [];
    const worker = createServingWorker({
      name: "w",
      loop,
      random: createRandom(1, 0),
      engine: { curve, maxBatchItems: 8, noiseCv: 0, slowdowns: [] },
      leadMs: 1,
      oneWayMs: 0.25,
      owner: {
        onCredit: (_, freeInMs) => {
          credits.push({ atMs: loop.nowMs, freeInMs });
          if (credits.length < 3) loop.at(loop.nowMs + 0.25, () => worker.receive(aBatch));
        },
        onEnded: () => undefined,
        onLatency: () => undefined,
      },
      onRun: () => runsMs.push(loop.nowMs),
    });
    worker.start(knowing(curve, 1));
    loop.run();
    expect(credits).toEqual([
      { atMs: 0.25, freeInMs: 0 },
      { atMs: 9.75, freeInMs: 1 },
      { atMs: 19.75, freeInMs: 1 },
    ]);
    expect(runsMs).toEqual([0.5, 10.5]);
  });
});
