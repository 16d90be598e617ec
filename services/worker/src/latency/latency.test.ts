import { describe, expect, test } from "vitest";

import type { WorkerEvent } from "../worker-event.ts";
import { aRowRequest, startWorkerFixture, type WorkerFixture } from "../fixtures/worker-fixture.ts";

type Told<Type> = Extract<WorkerEvent, { readonly type: Type }>;

function told<Type extends WorkerEvent["type"]>({ events }: WorkerFixture, type: Type): Told<Type>[] {
  const isWanted = (event: WorkerEvent): event is Told<Type> => event.type === type;
  return events.all.filter(isWanted);
}

const measured = { environment: { SLUICE_CALIBRATION_MS: "1000" } };

/** Runs batches of one request, one after the other, each granted as soon as it is asked for. */
async function run({ owner, clock }: WorkerFixture, count: number): Promise<void> {
  for (let batch = 0; batch < count; batch++) {
    const { creditId } = owner.lastOffer();
    owner.grant([aRowRequest(`r${clock.monotonicMs()}`, { timeoutMs: 0 })]);
    for (let waited = 0; owner.lastOffer().creditId === creditId && waited < 500; waited++)
      await clock.advance(1);
  }
}

describe("the latency of a worker's models", () => {
  test("is measured before they are served, and published with them", async () => {
    await using fixture = await startWorkerFixture({ ...measured, alphaMs: 10 });
    const { clock, owner, worker } = fixture;
    expect(worker.state).toBe("starting");
    await clock.advance(1000);
    expect(told(fixture, "modelCalibrated").at(-1)).toMatchObject({ model: "echo", shapeCount: 12 });
    expect(owner.profiles[0]?.latencies).toMatchObject([{ model: "echo", drift: 1, elementsPerByte: 0 }]);
    const curve = owner.profiles[0]?.latencies[0]?.curve;
    expect(curve?.fixedMs).toBeCloseTo(10, 0);
  });

  test("is measured within half a minute of hundreds of models, as far as that suffices", async () => {
    const models = Array.from({ length: 200 }, (_, index) => ({ name: `m${index}` }));
    await using fixture = await startWorkerFixture({ ...measured, models, alphaMs: 10 });
    const { clock, worker, owner } = fixture;
    await clock.advance(31_000);
    expect(worker.state).toBe("running");
    expect(told(fixture, "modelCalibrated")).toHaveLength(200);
    expect(owner.profiles[0]?.latencies).toHaveLength(200);
    await using slow = await startWorkerFixture({ ...measured, models, alphaMs: 200 });
    await slow.clock.advance(32_000);
    expect(slow.worker.state).toBe("running");
    expect(told(slow, "calibrationSkipped").at(-1)).toMatchObject({ model: "m199", reason: "noTime" });
  });

  test("is not measured where that is switched off, and published once the first runs have shown it", async () => {
    await using fixture = await startWorkerFixture({ alphaMs: 10 });
    const { owner, clock } = fixture;
    expect(told(fixture, "calibrationSkipped").at(-1)).toMatchObject({ model: "echo", reason: "off" });
    expect(owner.profiles[0]?.latencies).toEqual([]);
    await run(fixture, 11);
    await clock.advance(250);
    expect(owner.profiles.at(-1)?.latencies).toMatchObject([{ model: "echo" }]);
  });

  test("is published when it has changed noticeably, and not otherwise", async () => {
    await using fixture = await startWorkerFixture({ ...measured, alphaMs: 10 });
    const { owner, clock } = fixture;
    await clock.advance(1000);
    const { length } = owner.profiles;
    await run(fixture, 20);
    expect(owner.profiles).toHaveLength(length);
    fixture.slowDown(2);
    await run(fixture, 40);
    await clock.advance(250);
    expect(owner.profiles.at(-1)?.latencies[0]?.drift).toBeCloseTo(2, 1);
    expect(told(fixture, "latencyChanged").at(-1)?.drift).toBeCloseTo(2, 1);
  });

  test("is measured anew when nothing runs and runs have become more than 4 times as long", async () => {
    await using fixture = await startWorkerFixture({ ...measured, alphaMs: 10 });
    const { clock, owner } = fixture;
    await clock.advance(1000);
    fixture.slowDown(6);
    await run(fixture, 40);
    await clock.advance(5000);
    expect(told(fixture, "latencyOutgrown").at(-1)?.drift).toBeCloseTo(6, 1);
    expect(told(fixture, "modelCalibrated").length).toBe(2);
    expect(owner.profiles.at(-1)?.latencies).toMatchObject([{ drift: 1 }]);
  });
});

describe("a model that is measured anew", () => {
  test("runs a batch that comes after at most one more made-up run", async () => {
    await using fixture = await startWorkerFixture({ ...measured, alphaMs: 10 });
    const { clock, owner, results } = fixture;
    await clock.advance(1000);
    fixture.slowDown(6);
    await run(fixture, 40);
    // The next credit left before the last batch ended.
    while (results.frames.length < 40) await clock.advance(1);
    const answeredCount = results.frames.length;
    const measuredCount = told(fixture, "modelCalibrated").length;
    // It is looked at once a second, and takes much longer than this.
    while (told(fixture, "latencyOutgrown").length === 0) await clock.advance(10);
    owner.grant([aRowRequest("urgent", { timeoutMs: 0 })]);
    await clock.advance(125);
    expect(results.frames).toHaveLength(answeredCount + 1);
    expect(told(fixture, "modelCalibrated")).toHaveLength(measuredCount);
    await clock.advance(3000);
    expect(told(fixture, "modelCalibrated")).toHaveLength(measuredCount + 1);
  });
});

describe("batches of a worker that always has work", () => {
  test("are bound at most the round trip and 1 ms before there is an engine for them", async () => {
    await using fixture = await startWorkerFixture({ ...measured, alphaMs: 10 });
    await fixture.clock.advance(1000);
    await run(fixture, 30);
    const started = told(fixture, "batchStarted");
    expect(started).toHaveLength(30);
    expect(Math.max(...started.map(({ earlyMs }) => earlyMs))).toBeGreaterThan(0);
    expect(started.filter(({ isBoundEarly }) => isBoundEarly)).toEqual([]);
  });
});
