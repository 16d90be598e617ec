import { createSyntheticEngine } from "@sluice/engine";
import type { AdmittedRequest, SignatureForm } from "@sluice/protocol";
import { encodeStrings } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { aSignature, anAdmittedRequest, createFakeClock } from "@sluice/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createLatencyTracker } from "../latency/latency-tracker.ts";
import type { ServedModel, TextForm } from "../models/served-model.ts";
import { createTokenize } from "../steps/tokenize.ts";
import { createOpenBatch } from "./open-batch.ts";
import type { PreparedBatch } from "./prepare-batch.ts";
import { prepareBatch } from "./prepare-batch.ts";

const ids = { name: "ids", datatype: "INT64" as const, shape: [-1, -1] };
const declared: SignatureForm = {
  name: "text",
  inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
  outputs: [ids],
};

/** A batch of texts, each of which takes so long to prepare. */
function aBatch(texts: readonly string[], textMs: number) {
  const fake = createFakeClock();
  let workedMs = 0;
  const clock: Clock = { ...fake, monotonicMs: () => fake.monotonicMs() + workedMs };
  const encoder = {
    encode: (text: string) => {
      workedMs += textMs;
      return { ids: Array.from(text, () => 1) };
    },
  };
  const step = createTokenize({ input: "text", output: "ids", encoder, padId: 0, maxTokens: 20 });
  const form: TextForm = { kind: "text", name: "text", step, postprocess: undefined, isRowWise: true };
  const engine = createSyntheticEngine({ clock: fake, inputs: [ids] });
  const model: ServedModel = {
    name: "m",
    version: "1",
    signature: aSignature({ name: "m", forms: [declared], maxBatchSize: 64 }),
    forms: new Map([["text", form]]),
    fixedBatchSize: undefined,
    generation: undefined,
    engines: [engine],
    latency: createLatencyTracker({ calibration: undefined, maxTextLength: 20 }),
  };
  const work = {
    kind: "batch",
    batchId: "b1",
    creditId: "c1",
    pool: "p",
    model: "m",
    epoch: 1,
    isReportAwaited: false,
    requests: texts.map((text, index) => aRequest(`r${index}`, text)),
  } as const;
  const startMs = clock.monotonicMs();
  const batch = createOpenBatch(work, startMs);
  return {
    prepare: (engineFreeInMs: number): Promise<PreparedBatch> =>
      prepareBatch(batch, { model, clock, engineFreeMs: () => startMs + engineFreeInMs }),
    nowMs: () => clock.monotonicMs(),
    spentMs: () => clock.monotonicMs() - startMs,
  };
}

function aRequest(id: string, text: string): AdmittedRequest {
  const inputs = [{ name: "text", datatype: "BYTES" as const, shape: [1] }];
  return anAdmittedRequest({ id, items: 1, inputs, body: [encodeStrings([text])], timeoutMs: 0 });
}

function textsOf(count: number): string[] {
  return Array.from({ length: count }, () => "text");
}

/** Ids of the requests of a part, those that run and those that are refused. */
function idsOf({ runs, refused }: PreparedBatch): string[] {
  const running = runs.flatMap(({ parts }) => parts.map(({ request }) => request.id));
  return [...running, ...refused.map(({ request }) => request.id)];
}

describe("prepareBatch()", () => {
  test.each([
    { when: "nobody knows when its engine is free", engineFreeInMs: Infinity, count: 10, textMs: 1 },
    { when: "its engine is busy for longer", engineFreeInMs: 11, count: 10, textMs: 1 },
    { when: "less than a millisecond is left once one has passed", engineFreeInMs: 0, count: 3, textMs: 0.4 },
  ])("prepares all of a batch where $when", async ({ engineFreeInMs, count, textMs }) => {
    const { prepare } = aBatch(textsOf(count), textMs);
    const prepared = await prepare(engineFreeInMs);
    expect(prepared.rest).toBeUndefined();
    expect(idsOf(prepared)).toHaveLength(count);
  });

  test("gives a run of what is prepared half a millisecond before its engine is free, and the rest later", async () => {
    const { prepare, spentMs } = aBatch(textsOf(10), 1);
    const first = await prepare(4.5);
    expect(spentMs()).toBe(4);
    expect(first.runs).toHaveLength(1);
    // The fourth text is prepared, and its request is not in the plan yet.
    expect(idsOf(first)).toEqual(["r0", "r1", "r2"]);
    const others = await first.rest?.(() => Infinity);
    expect(others && idsOf(others)).toEqual(["r3", "r4", "r5", "r6", "r7", "r8", "r9"]);
    expect(others?.rest).toBeUndefined();
  });

  test("gives another run where the engine is about to be free again before all is prepared", async () => {
    const { prepare, nowMs } = aBatch(textsOf(20), 1);
    const first = await prepare(4);
    const second = await first.rest?.(nowMs);
    expect(second?.runs).toHaveLength(1);
    expect(second?.rest).toBeDefined();
  });

  test("has every request in one part, whenever the engine is free", async () => {
    const text = fc.string({ minLength: 0, maxLength: 25 });
    const freeInMs = fc.array(fc.double({ min: 0, max: 8, noNaN: true }), { minLength: 1, maxLength: 6 });
    const cases = fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 30 }),
      freeInMs,
      fc.constantFrom(0.1, 0.5, 3),
      async (texts, [firstInMs = 0, ...laterInMs], textMs) => {
        const { prepare, nowMs } = aBatch(texts, textMs);
        let part: PreparedBatch | undefined = await prepare(firstInMs);
        const seen: string[] = [];
        while (part !== undefined) {
          seen.push(...idsOf(part));
          const atMs = nowMs() + (laterInMs.shift() ?? Infinity);
          part = await part.rest?.(() => atMs);
        }
        expect(seen.sort()).toEqual(texts.map((_, index) => `r${index}`).sort());
      },
    );
    await fc.assert(cases);
  });
});
