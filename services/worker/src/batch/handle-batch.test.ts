import { createSyntheticEngine } from "@sluice/engine";
import type { AdmittedRequest, SignatureForm } from "@sluice/protocol";
import { encodeStrings } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { aSignature, anAdmittedRequest, createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test, vi } from "vitest";

import { createRoundTrip } from "../credits/round-trip.ts";
import { createDelivery } from "../delivery/delivery.ts";
import { createStepLoops } from "../generate/step-loops.ts";
import { createLatencyTracker } from "../latency/latency-tracker.ts";
import type { ServedModel, TextForm } from "../models/served-model.ts";
import { createEngineSlots } from "../slots/engine-slots.ts";
import { createTokenize } from "../steps/tokenize.ts";
import { handleBatch } from "./handle-batch.ts";
import { createOpenBatch } from "./open-batch.ts";

const ids = { name: "ids", datatype: "INT64" as const, shape: [-1, -1] };
const declared: SignatureForm = {
  name: "text",
  inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
  outputs: [ids],
};

/** A worker with one slot and one engine, whose clock moves by 1 ms for each text that it prepares. */
function aWorker(onPrepared: (preparedCount: number) => void = () => undefined) {
  const fake = createFakeClock();
  let preparedCount = 0;
  const clock: Clock = { ...fake, monotonicMs: () => fake.monotonicMs() + preparedCount };
  const encoder = {
    encode: (text: string) => {
      preparedCount += 1;
      onPrepared(preparedCount);
      return { ids: Array.from(text, () => 1) };
    },
  };
  const step = createTokenize({ input: "text", output: "ids", encoder, padId: 0, maxTokens: 20 });
  const form: TextForm = { kind: "text", name: "text", step, postprocess: undefined, isRowWise: true };
  const engine = createSyntheticEngine({ clock: fake, alphaMs: 0, betaMs: 0, perTokenMs: 0, inputs: [ids] });
  const model: ServedModel = {
    name: "m",
    version: "1",
    signature: aSignature({ name: "m", forms: [declared], maxBatchSize: 64, maxRequestItems: 64 }),
    forms: new Map([["text", form]]),
    fixedBatchSize: undefined,
    generation: undefined,
    engines: [engine],
    latency: createLatencyTracker({ calibration: undefined, maxTextLength: 20 }),
  };
  const ignore = (): void => undefined;
  const slots = createEngineSlots({ slotCount: 1, onChange: ignore, onRetired: ignore });
  slots.add("m", engine);
  const answered: string[] = [];
  const send = async ({ frames }: { frames: readonly { readonly id: string }[] }) => {
    answered.push(...frames.map(({ id }) => id));
    return { instance: "r1", gone: [] };
  };
  const notStarted = new AbortController();
  const options = {
    model,
    slots,
    loops: createStepLoops({ clock, onChange: ignore, onRetired: ignore, onEvent: ignore }),
    delivery: createDelivery({
      sender: { pendingCount: 0, send },
      messaging: createMemoryNats({ clock }).connect(),
      clock,
      maxPendingPacks: 1,
      onRoom: ignore,
      onEvent: ignore,
    }),
    clock,
    roundTrip: createRoundTrip(),
    notStarted: notStarted.signal,
    ended: new AbortController().signal,
    onEvent: ignore,
  };
  const handle = (batchId: string, requests: readonly AdmittedRequest[]) => {
    const work = {
      kind: "batch",
      batchId,
      creditId: batchId,
      pool: "p",
      model: "m",
      epoch: 1,
      isReportAwaited: false,
      requests,
    } as const;
    return handleBatch(createOpenBatch(work, clock.monotonicMs()), options);
  };
  return { clock, slots, model, notStarted, answered, handle };
}

function aRequest(id: string, textCount: number): AdmittedRequest {
  const inputs = [{ name: "text", datatype: "BYTES" as const, shape: [textCount] }];
  const texts = Array.from({ length: textCount }, () => "text");
  return anAdmittedRequest({ id, items: textCount, inputs, body: [encodeStrings(texts)], timeoutMs: 0 });
}

describe("handleBatch()", () => {
  test("prepares many texts in turns with timers and messages, be they of one request", async () => {
    const preparedAtMessage: number[] = [];
    let prepared = 0;
    const { clock, handle, answered } = aWorker((count) => {
      prepared = count;
    });
    clock.afterRead(() => preparedAtMessage.push(prepared));
    await handle("b1", [aRequest("long", 40)]);
    expect(preparedAtMessage).toEqual([10]);
    expect(answered).toEqual(["long"]);
  });

  test("asks for no more work and lets no later batch come first while texts are prepared", async () => {
    const { clock, slots, handle, answered } = aWorker();
    const long = handle("b1", [aRequest("long", 40)]);
    const short = handle("b2", [aRequest("short", 1)]);
    expect(slots.forecast(clock.monotonicMs(), 0).slotCount).toBe(0);
    await Promise.all([long, short]);
    expect(answered).toEqual(["long", "short"]);
  });

  test("begins with what is prepared where its engine is about to be free, and answers every request once", async () => {
    const { slots, model, handle, answered } = aWorker();
    const [engine] = model.engines;
    if (engine === undefined) throw new Error("the model has no engine");
    const run = vi.spyOn(engine, "run");
    vi.spyOn(slots, "freeMs").mockReturnValue(0);
    const before = handle("b1", [aRequest("before", 1)]);
    const batch = handle(
      "b2",
      Array.from({ length: 12 }, (_, index) => aRequest(`r${index}`, 1)),
    );
    await Promise.all([before, batch]);
    expect(answered.toSorted()).toEqual(
      ["before", ...Array.from({ length: 12 }, (_, index) => `r${index}`)].toSorted(),
    );
    expect(run.mock.calls.length).toBeGreaterThan(2);
  });

  test("keeps no engine for a batch whose preparation fails by a mistake of this program", async () => {
    const { slots, model, handle, answered } = aWorker();
    vi.spyOn(model.latency, "predictMs").mockImplementationOnce(() => {
      throw new Error("the planner is broken");
    });
    await expect(handle("b1", [aRequest("a", 1)])).rejects.toThrow("the planner is broken");
    await handle("b2", [aRequest("b", 1)]);
    expect(answered).toEqual(["b"]);
    expect(slots.forecast(0, 0).slotCount).toBe(1);
  });

  test("gives a batch back that was being prepared when the worker began to drain", async () => {
    const { clock, slots, notStarted, handle, answered } = aWorker();
    const long = handle("b1", [aRequest("long", 40)]);
    notStarted.abort();
    expect(await long).toMatchObject({ costMs: 0, returned: [{ id: "long" }], failed: [] });
    expect(answered).toEqual([]);
    expect(slots.forecast(clock.monotonicMs(), 0).slotCount).toBe(1);
  });
});
