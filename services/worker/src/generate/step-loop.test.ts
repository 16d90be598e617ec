import { createSyntheticEngine } from "@sluice/engine";
import type { StepRequest, SyntheticRun } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { Sequence } from "./sequence.ts";
import { aSequence } from "./sequence.fixture.ts";
import type { StepLoop, StepLoopEvent } from "./step-loop.ts";
import { createStepLoop } from "./step-loop.ts";
import type { StepLimits } from "./step-room.ts";

const never = new AbortController().signal;
const unsteered = { tenant: "acme", expel: () => {}, notStarted: never, ended: never };

/** A loop of a decoder whose steps take 10 ms and a tenth of one for each token. */
function startLoop(limits: Partial<StepLimits> = {}) {
  const clock = createFakeClock();
  const events: StepLoopEvent[] = [];
  const runs: SyntheticRun[] = [];
  const deaths: unknown[] = [];
  const engine = createSyntheticEngine({
    clock,
    alphaMs: 10,
    perTokenMs: 0.1,
    vocabularySize: 100,
    faults: { fail: 7 },
    onRun: (run) => runs.push(run),
  });
  const { decoder } = engine;
  if (decoder === undefined) throw new Error("the engine is no decoder");
  const requests: StepRequest[] = [];
  const loop = createStepLoop({
    decoder: {
      ...decoder,
      step: (request) => {
        requests.push(request);
        return decoder.step(request);
      },
    },
    limits: { maxSequences: 8, maxTokens: 10_000, maxContext: 1000, ...limits },
    clock,
    onChange: () => undefined,
    onDead: () => deaths.push("dead"),
    onEvent: (event) => events.push(event),
  });
  return { clock, engine, loop, events, runs, requests, deaths };
}

/** Asks for tokens until the sequence has ended; then it leaves. */
async function finish(loop: StepLoop, sequence: Sequence): Promise<Sequence> {
  while (sequence.finishReason === undefined) await loop.next(sequence, unsteered);
  loop.leave(sequence);
  return sequence;
}

function joins(events: readonly StepLoopEvent[]): number[] {
  return events.flatMap((event) => (event.type === "sequenceJoined" ? [event.waitedSteps] : []));
}

describe("createStepLoop()", () => {
  test("runs what comes together in one step, and lets others join the next one", async () => {
    const { clock, loop, runs, events } = startLoop();
    const early = [finish(loop, aSequence(4)), finish(loop, aSequence(3))];
    await clock.advance(5);
    const late = finish(loop, aSequence(2));
    await clock.advance(40);
    const ended = await Promise.all([...early, late]);
    expect(runs.map(({ items }) => items)).toEqual([2, 3, 1]);
    expect(joins(events)).toEqual([0, 0, 1]);
    expect(ended.map(({ tokens }) => tokens)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2],
      [0, 1],
    ]);
  });

  test("reads long prompts in parts, beside those that run", async () => {
    const { clock, loop, runs, events } = startLoop();
    const running = finish(loop, aSequence(6));
    await clock.advance(5);
    const reading = finish(loop, aSequence(201, 200));
    await clock.advance(200);
    const read = await reading;
    await running;
    expect(runs[1]).toMatchObject({ items: 2 });
    const parts = events.flatMap((event) =>
      event.type === "stepRan" && event.promptTokens > 0 ? [event.promptTokens] : [],
    );
    expect(parts).toEqual([64, 64, 64, 8]);
    expect(read.tokens.slice(-2)).toEqual([0, 1]);
  });

  test("charges each sequence its part of every step", async () => {
    const { clock, loop } = startLoop();
    const both = Promise.all([finish(loop, aSequence(3)), finish(loop, aSequence(2))]);
    await clock.advance(30);
    const [long, short] = await both;
    expect(short.share.inferenceMs).toBeCloseTo(5.1);
    expect(long.share.inferenceMs).toBeCloseTo(5.1 + 10.1);
  });

  test("leaves a sequence that does not ask out, and takes it in again", async () => {
    const { clock, loop, runs } = startLoop();
    const paused = aSequence(100);
    const other = finish(loop, aSequence(5));
    const first = loop.next(paused, unsteered);
    await clock.advance(25);
    await first;
    const second = loop.next(paused, unsteered);
    await clock.advance(20);
    await Promise.all([second, other]);
    expect(runs.map(({ items }) => items)).toEqual([2, 1, 1, 2]);
    expect(paused.tokens).toEqual([0, 1, 2]);
  });

  test("reads a parked sequence again when its memory was needed meanwhile", async () => {
    const { clock, loop, events } = startLoop({ maxTokens: 100, maxContext: 60 });
    const parked = aSequence(60, 40);
    const first = loop.next(parked, unsteered);
    await clock.advance(20);
    await first;
    const other = finish(loop, aSequence(61, 60));
    await clock.advance(20);
    await other;
    events.length = 0;
    const second = loop.next(parked, unsteered);
    await clock.advance(20);
    await second;
    expect(events).toMatchObject([{ type: "stepRan", promptTokens: 41 }]);
    expect(parked.tokens.slice(-3)).toEqual([0, 1, 2]);
  });

  test("lets a sequence that has not started go when it may not start any more, but not one that has", async () => {
    const { clock, loop } = startLoop({ maxSequences: 1 });
    const stopping = new AbortController();
    const signals = { ...unsteered, notStarted: stopping.signal };
    const started = loop.next(aSequence(3), signals);
    const waiting = loop.next(aSequence(3), signals);
    await clock.advance(5);
    stopping.abort(new Error("no more"));
    await expect(waiting).rejects.toThrow("no more");
    await clock.advance(10);
    await started;
  });

  test("lets a sequence go at once when it is ended, and leaves it out of the next step", async () => {
    const { clock, loop, runs } = startLoop();
    const ending = new AbortController();
    const ended = aSequence(9);
    const token = loop.next(ended, { ...unsteered, ended: ending.signal });
    const other = finish(loop, aSequence(3));
    await clock.advance(5);
    ending.abort(new Error("enough"));
    await expect(token).rejects.toThrow("enough");
    loop.leave(ended);
    await clock.advance(40);
    await other;
    expect(runs.map(({ items }) => items)).toEqual([2, 1]);
    expect(ended.tokens).toEqual([0]);
  });

  test("has the decoder forget a sequence that is ended during its first step", async () => {
    const { clock, loop, requests } = startLoop();
    const ending = new AbortController();
    const ended = aSequence(9);
    const token = loop.next(ended, { ...unsteered, ended: ending.signal });
    await clock.advance(5);
    ending.abort(new Error("enough"));
    await expect(token).rejects.toThrow("enough");
    loop.leave(ended);
    await clock.advance(10);
    await loop.idle();
    expect(requests.at(-1)).toEqual({ rows: [], forgotten: [requests[0]?.rows[0]?.sequence] });
  });

  test("fails the sequence that the model cannot take, and nobody else", async () => {
    const { clock, loop } = startLoop();
    const failing = finish(loop, aSequence(20)).catch((error: unknown) => error);
    const other = finish(loop, aSequence(5));
    await clock.advance(200);
    expect(await failing).toMatchObject({ code: "internal" });
    expect((await other).tokens).toEqual([0, 1, 2, 3, 4]);
  });

  test("refuses everybody with the engine's error once it has died", async () => {
    const { clock, engine, loop, deaths } = startLoop();
    const running = loop.next(aSequence(5), unsteered).catch((error: unknown) => error);
    await engine.close();
    await clock.advance(20);
    expect(await running).toBeInstanceOf(InferenceError);
    await expect(loop.next(aSequence(5), unsteered)).rejects.toMatchObject({ code: "unavailable" });
    expect(deaths).toEqual(["dead"]);
    expect(loop.room).toBe(0);
  });

  test("stops when there is nothing to do, and has then forgotten everybody", async () => {
    const { clock, loop, requests } = startLoop();
    const sequence = finish(loop, aSequence(2));
    await clock.advance(30);
    await sequence;
    await loop.idle();
    expect(clock.pending).toBe(0);
    expect(requests.at(-1)).toEqual({ rows: [], forgotten: [requests[0]?.rows[0]?.sequence] });
    expect(loop.room).toBe(8);
  });
});
