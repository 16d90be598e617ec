import type { Engine, EngineTensor } from "@sluice/engine";
import { createSyntheticEngine } from "@sluice/engine";
import type { AdmittedRequest, TensorSpec } from "@sluice/protocol";
import { encodeStrings } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";
import { anAdmittedRequest, createFakeClock } from "@sluice/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { takeAll } from "../fixtures/take-all.ts";
import { aModel, unmeasured } from "../fixtures/worker-fixture.ts";
import { loadModel } from "../models/load-model.ts";
import type { ServedModel } from "../models/served-model.ts";
import { shapeOf } from "./engine-run-plan.ts";
import { noTimes } from "./frame-maker.ts";
import { joinInputs } from "./join-inputs.ts";
import type { AnsweredRequest } from "./join-parts.ts";
import { createPartJoiner } from "./join-parts.ts";
import type { BatchPlan, PlanBatchOptions } from "./plan-batch.ts";
import { createBatchPlanner } from "./plan-batch.ts";
import { splitResults } from "./split-results.ts";

/** A model that gives its inputs back. */
function anEcho(
  inputs: readonly TensorSpec[],
  { maxBatchSize = 64, maxBatchTokens }: { maxBatchSize?: number; maxBatchTokens?: number } = {},
): Promise<ServedModel> {
  const load = async (): Promise<Engine> => createSyntheticEngine({ clock: createFakeClock(), inputs });
  return loadModel(aModel({ maxBatchSize, maxBatchTokens, maxRequestItems: 64 }), unmeasured(load));
}

const rows: TensorSpec = { name: "x", datatype: "FP32", shape: [-1, 2] };
const marks: TensorSpec = { name: "mark", datatype: "UINT8", shape: [-1] };
const words: TensorSpec = { name: "word", datatype: "BYTES", shape: [-1] };

/** A request of the two inputs `x` and `mark`, in either order, with its bytes at an odd offset of a larger buffer. */
function aRequest(id: string, items: number, isReversed: boolean): AdmittedRequest {
  const x = new Uint8Array(Float32Array.from({ length: items * 2 }, (_, index) => index + items).buffer);
  const mark = Uint8Array.from({ length: items }, (_, index) => index);
  const parts = isReversed ? [mark, x] : [x, mark];
  const message = new Uint8Array(3 + items * 9 + 2);
  let offset = 3;
  for (const part of parts) {
    message.set(part, offset);
    offset += part.byteLength;
  }
  const layouts = [
    { name: "x", datatype: "FP32" as const, shape: [items, 2] },
    { name: "mark", datatype: "UINT8" as const, shape: [items] },
  ];
  return anAdmittedRequest({
    id,
    items,
    inputs: isReversed ? layouts.toReversed() : layouts,
    body: [message.subarray(3, offset)],
  });
}

/** Plans with a run that costs as much as 20 elements, for requests without deadlines. */
function plan(
  model: ServedModel,
  requests: readonly AdmittedRequest[],
  options: Partial<PlanBatchOptions> = {},
): BatchPlan {
  const runMs = ({ items, length }: RunShape): number => 20 + items * length;
  const planner = createBatchPlanner(model, requests, { runMs, remainingMs: () => Infinity, ...options });
  takeAll(planner.prepare());
  return planner.planRest();
}

/** Runs a plan on an engine that answers with its inputs, and puts the answers together. */
function echo({ runs }: BatchPlan): AnsweredRequest[] {
  const joiner = createPartJoiner();
  return runs.flatMap((run) => {
    const rowCount = shapeOf(run).items;
    const outputs = outputsOf(joinInputs(run, rowCount));
    return joiner.add(takeAll(splitResults(run, { outputs, hasBatchAxis: true, rowCount })), noTimes);
  });
}

/** What an engine would give that answers with its inputs. */
function outputsOf(inputs: readonly EngineTensor[]): EngineTensor[] {
  return inputs.map((input) => ({ ...input, buffer: input.buffer.slice(0) }));
}

describe("createBatchPlanner()", () => {
  test("gives every request its own rows back in their order, whatever it was joined with or cut into", async () => {
    const model = await anEcho([rows, marks], { maxBatchSize: 16 });
    const batch = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(batch, (shapes) => {
        const requests = shapes.map(([items, isReversed], index) => aRequest(`r${index}`, items, isReversed));
        const planned = plan(model, requests);
        expect(planned.refused).toEqual([]);
        for (const run of planned.runs) expect(shapeOf(run).items).toBeLessThanOrEqual(16);
        const answers = echo(planned);
        expect(answers.map(({ request }) => request.id).sort()).toEqual(requests.map(({ id }) => id).sort());
        for (const { request, result } of answers) {
          const expected = aRequest(request.id, request.items, false);
          expect(result.outputs).toEqual(expected.inputs);
          expect(Buffer.concat(result.body)).toEqual(Buffer.concat(expected.body));
        }
      }),
    );
  });

  test("runs no more tokens than maxBatchTokens at a time, except for a single row", async () => {
    const model = await anEcho([{ name: "x", datatype: "UINT8", shape: [-1, -1] }], { maxBatchTokens: 50 });
    const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 7, 25, 60));
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 20 }), (shapes) => {
        const requests = shapes.map((shape, index) =>
          anAdmittedRequest({
            id: `r${index}`,
            items: shape[0],
            inputs: [{ name: "x", datatype: "UINT8", shape }],
            body: [new Uint8Array(shape[0] * shape[1]).fill(index)],
          }),
        );
        const planned = plan(model, requests);
        for (const { items, length } of planned.runs.map(shapeOf)) {
          if (items > 1) expect(items * length).toBeLessThanOrEqual(50);
        }
        const bodies = new Map(
          echo(planned).map(({ request, result }) => [request.id, Buffer.concat(result.body)]),
        );
        for (const { id, body } of requests) expect(bodies.get(id)).toEqual(Buffer.concat([...body]));
      }),
    );
  });

  test("joins texts of any length and splits them again", async () => {
    const model = await anEcho([words]);
    const requests = [["a", "bcd"], ["äöü"]].map((texts, index) =>
      anAdmittedRequest({
        id: `r${index}`,
        inputs: [{ name: "word", datatype: "BYTES", shape: [texts.length] }],
        body: [encodeStrings(texts)],
      }),
    );
    const planned = plan(model, requests);
    expect(planned.runs).toHaveLength(1);
    const answers = echo(planned);
    expect(answers.map(({ result }) => Buffer.concat(result.body))).toEqual(
      requests.map(({ body }) => Buffer.concat([...body])),
    );
  });

  test("copies: no engine input shares memory with a message", async () => {
    const model = await anEcho([rows]);
    const inputs = [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }];
    const request = anAdmittedRequest({ inputs, body: [new Uint8Array(8)] });
    const { runs } = plan(model, [request]);
    const joined = runs.flatMap((run) => joinInputs(run, shapeOf(run).items));
    expect(joined[0]?.buffer).not.toBe(request.body[0]?.buffer);
    expect(joined[0]?.buffer.byteLength).toBe(8);
  });

  test("runs the requests of a model without batch axis one by one", async () => {
    const model = await anEcho([{ name: "x", datatype: "FP32", shape: [2] }]);
    const inputs = [{ name: "x", datatype: "FP32" as const, shape: [2] }];
    const requests = ["r1", "r2"].map((id) => anAdmittedRequest({ id, inputs, body: [new Uint8Array(8)] }));
    const { runs } = plan(model, requests);
    expect(runs.map((run) => run.parts.map(({ request }) => request.id))).toEqual([["r1"], ["r2"]]);
    expect(runs.flatMap((run) => joinInputs(run, shapeOf(run).items)).map(({ shape }) => shape)).toEqual([
      [2],
      [2],
    ]);
  });

  test("refuses a body of the wrong length although others of the same layout fit", async () => {
    const model = await anEcho([rows]);
    const inputs = [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }];
    const requests = [8, 7, 9, 8].map((length, index) =>
      anAdmittedRequest({ id: `r${index}`, inputs, body: [new Uint8Array(length)] }),
    );
    const { runs, refused } = plan(model, requests);
    expect(runs.map((run) => run.parts.map(({ request }) => request.id))).toEqual([["r0", "r3"]]);
    expect(refused.map(({ request, error }) => [request.id, error.code])).toEqual([
      ["r1", "invalidArgument"],
      ["r2", "invalidArgument"],
    ]);
  });

  test("fails a run whose outputs do not have its rows", async () => {
    const model = await anEcho([rows]);
    const inputs = [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }];
    const { runs } = plan(model, [anAdmittedRequest({ inputs, body: [new Uint8Array(8)] })]);
    const outputs: EngineTensor[] = [
      { name: "y", datatype: "FP32", shape: [3, 2], buffer: new ArrayBuffer(24) },
    ];
    const split = () =>
      runs.map((run) => takeAll(splitResults(run, { outputs, hasBatchAxis: true, rowCount: 1 })));
    expect(split).toThrow("[3,2] for 1 items");
  });
});
