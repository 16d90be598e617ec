import { createSyntheticEngine } from "@sluice/engine";
import type { ModelLatency } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { aModel, unmeasured } from "../fixtures/worker-fixture.ts";
import { loadModel } from "../models/load-model.ts";
import { createLatencyTracker } from "./latency-tracker.ts";
import { createProfilePublisher } from "./profile-publisher.ts";

const shape = { items: 1, length: 1 };

/** A publisher for one model that was measured to take 5 ms and 1 ms for each item. */
async function aScene() {
  const clock = createFakeClock();
  const calibration = { fixedMs: 5, perElementMs: 1, perPairMs: 0 };
  const latency = createLatencyTracker({ calibration, maxTextLength: 1 });
  const loaded = await loadModel(
    aModel(),
    unmeasured(async () => createSyntheticEngine({ clock })),
  );
  const model = { ...loaded, latency };
  const sent: (readonly ModelLatency[])[] = [];
  const publisher = createProfilePublisher({
    models: [model],
    clock,
    send: ({ latencies }) => sent.push(latencies),
    onEvent: () => undefined,
  });
  publisher.publish();
  /** Lets runs take so many times as long as measured. */
  const run = (ratio: number, count: number): void => {
    for (let number = 0; number < count; number++) {
      latency.observe(shape, 6 * ratio);
      publisher.check(model);
    }
  };
  return { clock, run, sent };
}

describe("createProfilePublisher()", () => {
  test("says nothing while runs take about as long as was said", async () => {
    const { clock, run, sent } = await aScene();
    run(1, 40);
    await clock.advance(1000);
    const { length } = sent;
    run(1.02, 100);
    await clock.advance(1000);
    expect(sent).toHaveLength(length);
  });

  test("says what has changed, at most once in 250 ms", async () => {
    const { clock, run, sent } = await aScene();
    run(2, 50);
    run(3, 100);
    await clock.advance(249);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.[0]?.drift).toBeCloseTo(3);
    await clock.advance(1000);
    expect(sent).toHaveLength(2);
  });

  test("says a change at once where nothing was said lately", async () => {
    const { clock, run, sent } = await aScene();
    await clock.advance(1000);
    run(2, 50);
    await clock.advance(0);
    expect(sent).toHaveLength(2);
  });
});
