import type { EngineRun, EngineTensor } from "@sluice/engine";
import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";
import type { FakeClock } from "@sluice/testing";
import { describe, expect, test, vi } from "vitest";

import { aRowRequest, startWorkerFixture, type WorkerFixture } from "../fixtures/worker-fixture.ts";

/** Rows of another width, which do not join others: a batch of both takes two runs. */
const wide = {
  inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 1] }],
  body: [new Uint8Array(4)],
};

/** A request of as many rows that join others; a run has at most 8. */
function aLongRequest(id: string, items: number, timeoutMs = 10_000): AdmittedRequest {
  const inputs = [{ name: "input", datatype: "FP32" as const, shape: [items, 2] }];
  return aRowRequest(id, { inputs, body: [new Uint8Array(8 * items)], timeoutMs });
}

interface WarmUpOptions {
  /** Rows of the run that is measured. */
  readonly items?: number;
  readonly run: (inputs: readonly EngineTensor[], original: Run) => Promise<EngineRun>;
}

/** A worker that knows that a run takes 10 ms, with what stands in for its engine from now on. */
async function warmUp(fixture: WorkerFixture, { items = 1, run }: WarmUpOptions): Promise<void> {
  const { owner, clock, engines } = fixture;
  owner.grant([aLongRequest("warm-up", items)], { batchId: "warm-up" });
  await clock.advance(10);
  const [engine] = engines;
  if (engine === undefined) throw new Error("no engine is loaded");
  const original = engine.run;
  vi.spyOn(engine, "run").mockImplementation((inputs) => run(inputs, original));
}

type Run = (inputs: readonly EngineTensor[]) => Promise<EngineRun>;

/** A run that the model refuses. */
async function failAfter(ms: number, clock: FakeClock): Promise<never> {
  await clock.sleep(ms);
  throw new InferenceError("internal", "the model cannot take it");
}

describe("runBatch()", () => {
  test("gives the engine the next run 5 ms before the one before is expected to end, be it of another batch", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, results } = fixture;
    const givenMs: number[] = [];
    await warmUp(fixture, {
      run: (inputs, original) => {
        givenMs.push(clock.monotonicMs());
        return original(inputs);
      },
    });
    const startMs = clock.monotonicMs();
    owner.grant([aRowRequest("r1"), aRowRequest("r2", wide)], { batchId: "first" });
    await clock.advance(19);
    owner.grant([aRowRequest("r3")], { batchId: "second" });
    await clock.advance(60);
    expect(givenMs.map((ms) => ms - startMs)).toEqual([0, 5, 19]);
    const [, r1, r2, r3] = results.frames;
    expect([r1, r2, r3].map((frame) => [frame?.id, frame?.timings?.batchMs])).toEqual([
      ["r1", 0],
      ["r2", 10],
      ["r3", 1],
    ]);
    expect(owner.reports().get("first")).toMatchObject({ costMs: 20, returned: [] });
    expect(owner.reports().get("second")).toMatchObject({ costMs: 10, returned: [] });
  });

  test("answers a request once when two of its runs fail", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, results } = fixture;
    await warmUp(fixture, { items: 8, run: () => failAfter(10, clock) });
    owner.grant([aLongRequest("r1", 16)], { batchId: "cut" });
    await clock.advance(30);
    expect(fixture.events.count("engineFailed")).toBe(2);
    expect(results.frames.filter(({ id }) => id === "r1")).toMatchObject([{ code: "internal" }]);
    expect(owner.reports().get("cut")).toMatchObject({ returned: [], failed: [] });
  });

  test("does not answer a request that failed with others when another run of it fails alone", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, results } = fixture;
    await warmUp(fixture, { items: 8, run: () => failAfter(10, clock) });
    owner.grant([aLongRequest("r1", 9), aLongRequest("urgent", 7, 1000)], { batchId: "cut" });
    await clock.advance(30);
    expect(fixture.events.count("engineFailed")).toBe(2);
    expect(results.frames.filter(({ id }) => id !== "warm-up")).toEqual([]);
    expect(owner.reports().get("cut")).toMatchObject({
      returned: [],
      failed: [{ id: "r1" }, { id: "urgent" }],
    });
  });

  test("gives back the run behind the one that its engine died of", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    let endsMs: number | undefined;
    await warmUp(fixture, {
      run: async () => {
        endsMs ??= clock.monotonicMs() + 10;
        await clock.sleep(endsMs - clock.monotonicMs());
        throw new InferenceError("unavailable", "the engine thread has ended");
      },
    });
    owner.grant([aRowRequest("r1"), aRowRequest("r2", wide)]);
    await clock.advance(30);
    expect([...owner.reports().values()].at(-1)).toMatchObject({
      failed: [{ id: "r1" }],
      returned: [{ id: "r2" }],
    });
  });
});
