import { InferenceError } from "@sluice/protocol";
import { systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import type { Engine, EngineTensor } from "./engine.ts";

export { describeDecoder, type DecoderSubject } from "./decoder-contract.ts";

export { encodeOneOpModel, type OneOpModel } from "./onnxruntime/one-op-model.ts";

/** An engine under test, with inputs whose effect on it is known. Each call gives tensors with buffers of their own. */
export interface EngineSubject {
  readonly engine: Engine;
  /** Runs at once. */
  validInputs(): EngineTensor[];
  /** Keeps the engine busy for at least 20 ms. */
  slowInputs(): EngineTensor[];
  /** Passes the check of the signature, and fails while it runs. */
  failingInputs(): EngineTensor[];
}

/** The rules that every {@link Engine} keeps. `create` makes a fresh engine for each test, which closes it. */
export function describeEngine(name: string, create: () => Promise<EngineSubject>): void {
  describe(`${name} is an engine: it`, () => {
    test("answers a run with the outputs of its signature", async () => {
      const { engine, validInputs } = await create();
      await using _ = engine;
      const { outputs } = await engine.run(validInputs());
      expect(outputs.map(({ name, datatype }) => ({ name, datatype }))).toEqual(
        engine.signature.outputs.map(({ name, datatype }) => ({ name, datatype })),
      );
    });

    test("gives each output a buffer of its own, with exactly its elements", async () => {
      const { engine, validInputs } = await create();
      await using _ = engine;
      const { outputs } = await engine.run(validInputs());
      for (const { shape, buffer, datatype } of outputs) {
        expect(datatype).toBe("FP32");
        expect(buffer.byteLength).toBe(shape.reduce((count, size) => count * size, 4));
      }
      expect(new Set(outputs.map((output) => output.buffer)).size).toBe(outputs.length);
    });

    test("takes the buffers of its inputs away", async () => {
      const { engine, validInputs } = await create();
      await using _ = engine;
      const inputs = validInputs();
      await engine.run(inputs);
      expect(inputs.map((input) => input.buffer.byteLength)).toEqual(inputs.map(() => 0));
    });

    test("tells times that add up to no more than the caller waited", async () => {
      const { engine, slowInputs } = await create();
      await using _ = engine;
      const startedMs = systemClock.monotonicMs();
      const { inferenceMs, transferMs } = await engine.run(slowInputs());
      const waitedMs = systemClock.monotonicMs() - startedMs;
      expect(inferenceMs).toBeGreaterThanOrEqual(20);
      expect(transferMs).toBeGreaterThanOrEqual(0);
      // A timer may fire up to a millisecond early.
      expect(inferenceMs + transferMs).toBeLessThanOrEqual(waitedMs + 1);
      expect(engine.loadMs).toBeGreaterThanOrEqual(0);
    });

    test("tells times of runs behind each other that add up to no more than the caller waited", async () => {
      const { engine, slowInputs } = await create();
      await using _ = engine;
      const startedMs = systemClock.monotonicMs();
      const runs = await Promise.all([0, 1, 2].map(() => engine.run(slowInputs())));
      const waitedMs = systemClock.monotonicMs() - startedMs;
      const toldMs = runs.reduce((sum, { inferenceMs, transferMs }) => sum + inferenceMs + transferMs, 0);
      // Timers may fire up to a millisecond early.
      expect(toldMs).toBeLessThanOrEqual(waitedMs + runs.length);
    });

    test("tells no more than that where the calling thread reads their answers late", async () => {
      const { engine, slowInputs } = await create();
      await using _ = engine;
      const startedMs = systemClock.monotonicMs();
      const running = [0, 1].map(() => engine.run(slowInputs()));
      await systemClock.sleep(1);
      while (systemClock.monotonicMs() - startedMs < 200);
      const runs = await Promise.all(running);
      const waitedMs = systemClock.monotonicMs() - startedMs;
      const toldMs = runs.reduce((sum, { inferenceMs, transferMs }) => sum + inferenceMs + transferMs, 0);
      expect(toldMs).toBeLessThanOrEqual(waitedMs + runs.length);
    });

    test("leaves the calling thread free while it runs", async () => {
      const { engine, slowInputs } = await create();
      await using _ = engine;
      let ticks = 0;
      using _ticking = systemClock.every(1, () => (ticks += 1));
      await engine.run(slowInputs());
      // A blocked thread would see one tick before the run and one after it.
      expect(ticks).toBeGreaterThan(3);
    });

    test("runs one batch at a time, in the order of the calls", async () => {
      const { engine, validInputs, slowInputs } = await create();
      await using _ = engine;
      const ended: string[] = [];
      await Promise.all([
        engine.run(slowInputs()).then(() => ended.push("slow")),
        engine.run(validInputs()).then(() => ended.push("quick")),
      ]);
      expect(ended).toEqual(["slow", "quick"]);
    });

    test.each([
      { wrong: "a missing input", change: () => [] },
      { wrong: "an input of another datatype", change: changeFirst({ datatype: "FP64" }) },
      { wrong: "an input of another rank", change: changeFirst({ shape: [] }) },
      { wrong: "a buffer of another length", change: changeFirst({ buffer: new ArrayBuffer(2) }) },
      { wrong: "an input of another name", change: changeFirst({ name: "nobody" }) },
      { wrong: "an input given twice", change: (inputs: EngineTensor[]) => [...inputs, ...inputs] },
    ])("refuses $wrong with invalidArgument and leaves the buffers alone", async ({ change }) => {
      const { engine, validInputs } = await create();
      await using _ = engine;
      const inputs = validInputs();
      await expect(engine.run(change(inputs))).rejects.toMatchObject({ code: "invalidArgument" });
      await engine.run(inputs);
    });

    test("stays usable after a run that failed with internal", async () => {
      const { engine, validInputs, failingInputs } = await create();
      await using _ = engine;
      const failure = await engine.run(failingInputs()).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InferenceError);
      expect(failure).toMatchObject({ code: "internal" });
      await engine.run(validInputs());
    });

    test("waits with closing for the runs that were accepted", async () => {
      const { engine, slowInputs } = await create();
      const ended: string[] = [];
      const running = engine.run(slowInputs()).then(() => ended.push("run"));
      await engine.close().then(() => ended.push("close"));
      await running;
      expect(ended).toEqual(["run", "close"]);
    });

    test("refuses runs with unavailable once it closes", async () => {
      const { engine, validInputs } = await create();
      const closed = engine.close();
      await expect(engine.run(validInputs())).rejects.toMatchObject({ code: "unavailable" });
      await closed;
    });

    test("closes once, however often it is told to", async () => {
      const { engine } = await create();
      await Promise.all([engine.close(), engine.close()]);
      await engine.close();
    });
  });
}

function changeFirst(change: Partial<EngineTensor>): (inputs: EngineTensor[]) => EngineTensor[] {
  return ([first, ...others]) => (first === undefined ? others : [{ ...first, ...change }, ...others]);
}
