import { systemClock } from "@sluice/runtime";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { describeDecoder, describeEngine } from "../contract.ts";
import type { EngineTensor } from "../engine.ts";
import { createSyntheticEngine } from "./synthetic-engine.ts";
import type { SyntheticRun } from "./synthetic-options.ts";

const slow = 1;
const failing = 2;
const failingToken = 99;

describeEngine("createSyntheticEngine()", async () => ({
  engine: createSyntheticEngine({ clock: systemClock, perTokenMs: 1, alphaMs: 0, faults: { fail: failing } }),
  validInputs: () => [anInput([0])],
  slowInputs: () => [anInput(Array.from({ length: 40 }, () => slow))],
  failingInputs: () => [anInput([failing])],
}));

describeDecoder("createSyntheticEngine() with a vocabulary", async () => ({
  engine: createSyntheticEngine({ clock: systemClock, vocabularySize: 90, faults: { fail: failingToken } }),
  prompts: [[1, 2, 3], [7], [10, 11]],
  wrongToken: failingToken,
}));

describe("createSyntheticEngine()", () => {
  test("is no decoder without a vocabulary", () => {
    expect(createSyntheticEngine({ clock: createFakeClock() }).decoder).toBeUndefined();
  });

  test("takes for a step what a run of its rows and tokens takes", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({
      clock,
      alphaMs: 2,
      betaMs: 1,
      perTokenMs: 0.5,
      vocabularySize: 10,
    });
    const rows = [
      { sequence: 1, tokens: [1, 2, 9] },
      { sequence: 2, tokens: [4] },
    ];
    const step = engine.decoder?.step({ rows, forgotten: [] });
    await clock.advance(6);
    expect(await step).toEqual({
      outcomes: [
        { kind: "token", token: 0, inferenceMs: 3 },
        { kind: "token", token: 5, inferenceMs: 3 },
      ],
      inferenceMs: 6,
      transferMs: 0,
    });
  });

  test("takes alpha, beta for each item and a share for each token", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 10, betaMs: 3, perTokenMs: 0.5 });
    const run = engine.run([anInput([1, 2], [3, 4])]);
    await clock.advance(17);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await run).toMatchObject({ inferenceMs: 18, transferMs: 0 });
  });

  test("gives every input back as the output of the same name", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({
      clock,
      inputs: [
        { name: "a", datatype: "FP32", shape: [-1, 2] },
        { name: "b", datatype: "BYTES", shape: [-1] },
      ],
    });
    const b: EngineTensor = { name: "b", datatype: "BYTES", shape: [1], buffer: new ArrayBuffer(4) };
    const run = engine.run([{ ...anInput([7, 8]), name: "a" }, b]);
    await clock.advance(1);
    const { outputs } = await run;
    expect(outputs.map((output) => output.name)).toEqual(["a", "b"]);
    expect(outputs.map((output) => Array.from(new Uint8Array(output.buffer)))).toEqual([
      Array.from(new Uint8Array(new Float32Array([7, 8]).buffer)),
      [0, 0, 0, 0],
    ]);
  });

  test("has a batch axis when every input has a variable first axis", () => {
    const clock = createFakeClock();
    const scalar = createSyntheticEngine({ clock, inputs: [{ name: "x", datatype: "FP32", shape: [] }] });
    expect(scalar.signature.hasBatchAxis).toBe(false);
    expect(createSyntheticEngine({ clock }).signature.hasBatchAxis).toBe(true);
  });

  test("takes what a timer fired late off the next run", async () => {
    const clock = createFakeClock();
    const runs: SyntheticRun[] = [];
    await using engine = createSyntheticEngine({
      clock: { ...clock, sleep: (delayMs) => clock.sleep(delayMs + 2) },
      alphaMs: 10,
      onRun: (run) => runs.push(run),
    });
    const calls = Array.from({ length: 5 }, (_, call) => engine.run([anInput([call])]));
    const startMs = clock.monotonicMs();
    await clock.advance(60);
    await Promise.all(calls);
    expect(runs.map((run) => [run.startedMs - startMs, run.endedMs - startMs])).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
      [30, 40],
      [40, 50],
    ]);
  });

  test("tells of each run who was in it", async () => {
    const clock = createFakeClock();
    const runs: SyntheticRun[] = [];
    await using engine = createSyntheticEngine({ clock, alphaMs: 4, onRun: (run) => runs.push(run) });
    const startMs = clock.monotonicMs();
    const run = engine.run([anInput([11, 0], [12, 0])]);
    await clock.advance(4);
    await run;
    expect(runs).toEqual([
      { startedMs: startMs, endedMs: startMs + 4, items: 2, tags: [11, 12], outcome: "ok" },
    ]);
  });

  test("spreads the duration by the noise ratio", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 10, noiseRatio: 0.2, random: () => 0 });
    const run = engine.run([anInput([1])]);
    await clock.advance(8);
    expect((await run).inferenceMs).toBe(8);
  });

  test("does not end a run while it is held", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 1 });
    engine.control.hold();
    let hasEnded = false;
    const run = engine.run([anInput([1])]).then(() => (hasEnded = true));
    await clock.advance(100);
    expect(hasEnded).toBe(false);
    engine.control.release();
    await run;
  });

  test("fails as many runs as it is told to", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 1 });
    engine.control.failNext(1);
    const failure = engine.run([anInput([1])]).catch((error: unknown) => error);
    const next = engine.run([anInput([1])]);
    await clock.advance(2);
    expect(await failure).toMatchObject({ code: "internal" });
    await next;
  });

  test("hangs when a row asks for it, until it is released", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, faults: { hang: -3 } });
    let hasEnded = false;
    const run = engine.run([anInput([0], [-3])]).then(() => (hasEnded = true));
    await clock.advance(60_000);
    expect(hasEnded).toBe(false);
    engine.control.release();
    await run;
  });

  test("crashes when a row asks for it", async () => {
    const clock = createFakeClock();
    let crashes = 0;
    await using engine = createSyntheticEngine({
      clock,
      faults: { crash: -2 },
      onCrash: () => (crashes += 1),
    });
    const failure = engine.run([anInput([-2])]).catch((error: unknown) => error);
    await clock.advance(1);
    expect(await failure).toMatchObject({ code: "internal" });
    expect(crashes).toBe(1);
  });
});

/** An `input` of the default signature, row by row. */
function anInput(...rows: readonly (readonly number[])[]): EngineTensor {
  const shape = [rows.length, rows[0]?.length ?? 0];
  return { name: "input", datatype: "FP32", shape, buffer: new Float32Array(rows.flat()).buffer };
}
