import { createSyntheticEngine } from "@sluice/engine";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { aRowRequest } from "../fixtures/worker-fixture.ts";
import type { WorkerFixture } from "../fixtures/worker-fixture.ts";
import { aGeneratingModel, aPrompt, startGeneratingWorker, textOf } from "./generate.fixture.ts";

/** Ids of all credits that offered the model. */
function offersOf({ owner }: WorkerFixture, model: string): Set<string> {
  const offers = new Set<string>();
  for (const { credit } of owner.credits) if (credit.models.includes(model)) offers.add(credit.creditId);
  return offers;
}

/** Sizes of the decode steps so far. */
function stepSizes({ events }: WorkerFixture): number[] {
  return events.all.flatMap((event) => (event.type === "stepRan" ? [event.sequenceCount] : []));
}

const long = { stream: true, parameters: { max_tokens: 60 } } as const;

describe("a worker with a model that generates", () => {
  test("asks for several sequences at once, one for each credit", async () => {
    await using fixture = await startGeneratingWorker();
    const offers = fixture.owner.credits.map(({ credit }) => credit);
    expect(offers).toHaveLength(8);
    for (const offer of offers) expect(offer).toMatchObject({ models: ["lm"], capacity: 1, freeInMs: 0 });
    expect(fixture.owner.profiles[0]?.models).toMatchObject([{ maxBatchSize: 1, isIterative: true }]);
  });

  test("asks for no more than it has room for, and again when a sequence has ended", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel({ maxBatchSize: 2 })] });
    const { owner, clock } = fixture;
    expect(offersOf(fixture, "lm").size).toBe(2);
    const [first = "", second = ""] = offersOf(fixture, "lm");
    owner.grant([aPrompt("a", long)], { model: "lm", creditId: first });
    owner.grant([aPrompt("b")], { model: "lm", creditId: second });
    await clock.advance(3);
    expect(offersOf(fixture, "lm").size).toBe(2);
    await clock.advance(3);
    expect(offersOf(fixture, "lm").size).toBe(3);
  });

  test("lets a prompt that comes while others run join the next step", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, clock, events } = fixture;
    const [first = "", second = "", third = ""] = offersOf(fixture, "lm");
    owner.grant([aPrompt("a", long)], { model: "lm", creditId: first });
    await clock.advance(10);
    owner.grant([aPrompt("b")], { model: "lm", creditId: second });
    owner.grant([aPrompt("c")], { model: "lm", creditId: third });
    await clock.advance(80);
    expect(Math.max(...stepSizes(fixture))).toBe(3);
    const waited = events.all.flatMap((event) =>
      event.type === "sequenceJoined" ? [event.waitedSteps] : [],
    );
    expect(waited).toEqual([0, 1, 1]);
    expect(owner.reports().get("b2")).toMatchObject({ returned: [], failed: [] });
  });

  test("reports each sequence when it has ended, with its part of the time", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, clock } = fixture;
    const [first = "", second = ""] = offersOf(fixture, "lm");
    owner.grant([aPrompt("a", { parameters: { max_tokens: 2 } })], { model: "lm", creditId: first });
    owner.grant([aPrompt("b", { parameters: { max_tokens: 3 } })], { model: "lm", creditId: second });
    await clock.advance(80);
    expect(owner.reports().get("b1")?.costMs).toBeCloseTo(1);
    expect(owner.reports().get("b2")?.costMs).toBeCloseTo(2);
  });

  test("tells in its heartbeats what a sequence has cost so far", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, clock } = fixture;
    owner.grant([aPrompt("s", { parameters: { max_tokens: 990 } })], { model: "lm" });
    await clock.advance(500);
    const { batchIds, costsMs } = owner.heartbeats.at(-1) ?? {};
    expect(batchIds).toEqual(["b1"]);
    expect(costsMs?.[0]).toBeGreaterThan(490);
    expect(costsMs?.[0]).toBeLessThanOrEqual(500);
  });

  test("tells when the first token came and what the others took", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, queuedMs: 5 })], { model: "lm" });
    await clock.advance(10);
    expect(results.frames.map(({ timings }) => [timings.firstTokenMs, timings.tokenMs])).toEqual([
      [6, undefined],
      [6, 1],
      [6, 1],
      [6, 1],
    ]);
  });

  test("needs no slot: other models run beside it", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel(), { name: "echo" }] });
    const { owner, results, clock } = fixture;
    const [join = ""] = offersOf(fixture, "lm");
    owner.grant([aPrompt("s", long)], { model: "lm", creditId: join });
    await clock.advance(5);
    const [creditId = ""] = offersOf(fixture, "echo");
    owner.grant([aRowRequest("r")], { model: "echo", creditId });
    await clock.advance(5);
    const ended = results.frames.find(({ id }) => id === "r");
    expect(ended).toMatchObject({ code: "ok", final: true });
    expect(results.frames.at(-1)).toMatchObject({ id: "s", final: false });
  });

  test("returns the prompt that has not started when it stops, and finishes those that run", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel({ maxBatchSize: 1 })] });
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("running", long), aPrompt("waiting")], { model: "lm" });
    await clock.advance(10);
    fixture.stop();
    await clock.advance(100);
    await fixture.running;
    expect(owner.reports().get("b1")).toMatchObject({ returned: [{ id: "waiting" }], failed: [] });
    expect(results.frames.at(-1)).toMatchObject({ id: "running", frame: 59, final: true, code: "ok" });
  });

  test("tells a prompt that there was no room for in time", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel({ maxBatchSize: 1 })] });
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("running", long), aPrompt("late", { timeoutMs: 20 })], { model: "lm" });
    await clock.advance(100);
    expect(results.frames.find(({ id }) => id === "late")).toMatchObject({ code: "deadlineExceeded" });
    expect(results.frames.at(-1)).toMatchObject({ id: "running", final: true, code: "ok" });
    expect(owner.reports().get("b1")).toMatchObject({ unrun: [{ id: "late" }], returned: [], failed: [] });
  });

  test("goes on with another engine when one dies; who was answered in part is told, others run again", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock, engines, events } = fixture;
    owner.grant([aPrompt("streams", long), aPrompt("whole")], { model: "lm" });
    await clock.advance(2);
    await Promise.all([engines[0]?.close(), clock.advance(100)]);
    expect(results.frames.at(-1)).toMatchObject({ id: "streams", final: true, code: "unavailable" });
    expect(owner.reports().get("b1")).toMatchObject({ returned: [], failed: [{ id: "whole" }] });
    expect(events.count("engineReplaced")).toBe(1);
    owner.grant([aPrompt("again")], { model: "lm" });
    await clock.advance(10);
    expect(textOf(results.frames.filter(({ id }) => id === "again"))).toBe("bcde");
  });

  test("returns the prompt that waits when its engine dies, and tells the death once", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel({ maxBatchSize: 1 })] });
    const { owner, clock, engines, events } = fixture;
    owner.grant([aPrompt("running"), aPrompt("waiting")], { model: "lm" });
    await clock.advance(2);
    await Promise.all([engines[0]?.close(), clock.advance(100)]);
    expect(owner.reports().get("b1")).toMatchObject({
      returned: [{ id: "waiting" }],
      failed: [{ id: "running" }],
    });
    expect(events.count("engineFailed")).toBe(1);
  });

  test("returns the prompt that comes while there is no engine", async () => {
    const engine = createSyntheticEngine({ clock: createFakeClock(), name: "lm", vocabularySize: 8 });
    const loads = [engine];
    await using fixture = await startGeneratingWorker({
      loadEngine: async () => loads.pop() ?? Promise.reject(new Error("the file is gone")),
    });
    const { owner, clock, events } = fixture;
    const [first = "", second = ""] = offersOf(fixture, "lm");
    await engine.close();
    owner.grant([aPrompt("before")], { model: "lm", creditId: first });
    await clock.advance(10);
    owner.grant([aPrompt("after")], { model: "lm", creditId: second });
    await clock.advance(30);
    expect(owner.reports().get("b2")).toMatchObject({ returned: [{ id: "after" }], failed: [] });
    expect(events.count("engineFailed")).toBe(1);
  });

  test("does not load a model that cannot decode", async () => {
    await using fixture = await startGeneratingWorker({
      models: [aGeneratingModel(), { name: "echo" }],
      vocabularySize: 0,
    });
    const failures = fixture.events.all.filter(({ type }) => type === "modelFailed");
    expect(failures).toMatchObject([{ model: "lm", error: { code: "invalidArgument" } }]);
  });

  test("does not load a model of which not one sequence fits its limits", async () => {
    const tooLarge = aGeneratingModel();
    const { generate } = tooLarge.forms?.[0]?.steps ?? {};
    if (generate !== undefined) Object.assign(generate, { maxBatchTokens: 999 });
    await using fixture = await startGeneratingWorker({ models: [tooLarge, { name: "echo" }] });
    const [failure] = fixture.events.all.flatMap((event) => (event.type === "modelFailed" ? [event] : []));
    expect(failure?.error.message).toContain("room for 999 tokens");
  });
});
