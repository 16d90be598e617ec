import { createSyntheticEngine, type Engine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import { curveMs } from "@sluice/scheduling";
import { createFakeClock, type FakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { calibrate, type Calibration, type CalibrateOptions } from "./calibrate.ts";

/** Counts the runs of an engine, and lets some fail. */
function observed(engine: Engine, fail: (items: number) => InferenceError | undefined = () => undefined) {
  const items: number[] = [];
  const run: Engine["run"] = async (inputs) => {
    const count = inputs[0]?.shape[0] ?? 0;
    items.push(count);
    const error = fail(count);
    if (error !== undefined) throw error;
    return engine.run(inputs);
  };
  return { engine: { ...engine, run }, items };
}

const { signal } = new AbortController();

async function measure(
  clock: FakeClock,
  engine: Engine,
  fields: Partial<CalibrateOptions> = {},
): Promise<Calibration | undefined> {
  const limits = { maxItems: 8, maxLength: 1, maxTokens: Infinity, budgetMs: 10_000 };
  const calibration = calibrate(engine, { clock, signal, ...limits, ...fields });
  calibration.catch(() => undefined);
  await clock.advance(20_000);
  return await calibration;
}

describe("calibrate()", () => {
  test("finds what an engine takes", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 5, betaMs: 2, perTokenMs: 0.5 });
    const calibration = await measure(clock, engine, { maxLength: 64 });
    if (calibration === undefined) throw new Error("it was not measured");
    for (const shape of [
      { items: 1, length: 16 },
      { items: 3, length: 40 },
      { items: 8, length: 64 },
    ]) {
      const { items, length } = shape;
      expect(curveMs(calibration.curve, shape) / (5 + 2 * items + 0.5 * items * length)).toBeCloseTo(1, 1);
    }
    expect(calibration).toMatchObject({ shapeCount: 8 });
  });

  test("begins no run that is expected to end after its time, and measures the smallest shape in any case", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 10, betaMs: 20 });
    const { engine: counted, items } = observed(engine);
    expect(await measure(clock, counted, { budgetMs: 250 })).toMatchObject({ shapeCount: 2, tookMs: 240 });
    expect(items).toEqual([1, 1, 1, 2, 2, 2]);
    items.length = 0;
    expect(await measure(clock, counted, { budgetMs: 1 })).toMatchObject({ shapeCount: 1 });
    expect(items).toEqual([1, 1]);
  });

  test("leaves out shapes that the model cannot take", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 10 });
    const refuse = (items: number) => (items === 2 ? new InferenceError("internal", "no") : undefined);
    const { engine: failing, items } = observed(engine, refuse);
    expect(await measure(clock, failing)).toMatchObject({ shapeCount: 3 });
    expect(items).toEqual([1, 1, 1, 2, 4, 4, 4, 8, 8, 8]);
  });

  test("leaves out shapes that no message could bring, before it takes the memory for them", async () => {
    const clock = createFakeClock();
    const image = { name: "image", datatype: "FP32" as const, shape: [-1, 3, 1024, 1024] };
    await using engine = createSyntheticEngine({ clock, alphaMs: 10, inputs: [image] });
    const { engine: counted, items } = observed(engine);
    expect(await measure(clock, counted, { maxItems: 32 })).toMatchObject({ shapeCount: 3 });
    expect([...new Set(items)]).toEqual([1, 2, 4]);
    const huge = { ...image, shape: [-1, Number.MAX_SAFE_INTEGER] };
    expect(
      await measure(clock, { ...counted, signature: { ...engine.signature, inputs: [huge] } }),
    ).toBeUndefined();
  });

  test("gives nothing for a model that takes no shape", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock });
    const { engine: failing } = observed(engine, () => new InferenceError("invalidArgument", "no"));
    expect(await measure(clock, failing)).toBeUndefined();
  });

  test("takes fewer items for as long as all of a fixed batch size", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 2, betaMs: 1 });
    const { engine: counted, items } = observed(engine);
    const fixed = { ...counted, signature: { ...engine.signature, fixedBatchSize: 8 } };
    const calibration = await measure(clock, fixed, { maxItems: 1 });
    if (calibration === undefined) throw new Error("it was not measured");
    expect(items).toEqual([8, 8, 8]);
    for (const count of [1, 4, 8]) {
      expect(curveMs(calibration.curve, { items: count, length: 1 }) / 10).toBeCloseTo(1, 1);
    }
  });

  test("tells when the engine dies", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock });
    const { engine: dying } = observed(engine, () => new InferenceError("unavailable", "its thread died"));
    await expect(measure(clock, dying)).rejects.toThrow("its thread died");
  });

  test("ends before its next run once it is to stop", async () => {
    const clock = createFakeClock();
    await using engine = createSyntheticEngine({ clock, alphaMs: 10 });
    const stop = new AbortController();
    const { engine: stopping, items } = observed(engine, (count) => {
      if (count === 2) stop.abort();
      return undefined;
    });
    expect(await measure(clock, stopping, { signal: stop.signal })).toBeUndefined();
    expect(items).toEqual([1, 1, 1, 2]);
  });
});
