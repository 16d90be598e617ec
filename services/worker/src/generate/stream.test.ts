import { describe, expect, test } from "vitest";

import { aGeneratingModel, aPrompt, startGeneratingWorker, textOf } from "./generate.fixture.ts";

describe("a stream", () => {
  test("sends its first frame at once and packs those made while it is acknowledged", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 20 } })], { model: "lm" });
    await clock.advance(1);
    expect(textOf(results.frames)).toBe("b");
    results.isSilent = true;
    await clock.advance(12);
    expect(results.subjects).toHaveLength(2);
    results.isSilent = false;
    await clock.advance(300);
    expect(textOf(results.frames)).toBe("bcdefghabcdefghabcde");
    expect(results.frames.map(({ frame }) => frame)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(results.subjects[0]).toBe("sluice.v1.results");
    expect(results.subjects[1]).toBe("sluice.v1.results.r1");
    expect(results.subjects.length).toBeLessThan(20);
  });

  test("falls back to any results service when the first is gone", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 70 } })], { model: "lm" });
    await clock.advance(100);
    expect(results.frames).toHaveLength(64);
    results.leaveInstance();
    owner.control("lm", { windows: [{ id: "s", frameLimit: 128 }] });
    await clock.advance(200);
    expect(results.subjects.at(-1)).toBe("sluice.v1.results");
    expect(results.frames.at(-1)).toMatchObject({ frame: 69, final: true });
  });

  test("is reported as failed when its last frames were lost: its reader learns of it by another attempt", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 20 } })], { model: "lm" });
    await clock.advance(5);
    results.isSilent = true;
    await clock.advance(12_000);
    expect(owner.reports().get("b1")).toMatchObject({ returned: [], failed: [{ id: "s" }] });
  });

  test("sends no frame beyond its window, leaves the steps to others, and goes on when the window opens", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock, events } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 100 } })], { model: "lm" });
    await clock.advance(100);
    expect(results.frames.at(-1)).toMatchObject({ frame: 63, final: false });
    expect(events.count("streamParked")).toBe(1);
    owner.grant([aPrompt("other")], { batchId: "other", model: "lm" });
    await clock.advance(100);
    expect(results.frames.at(-1)).toMatchObject({ id: "other", final: true });
    owner.control("lm", { windows: [{ id: "s", frameLimit: 128 }] });
    await clock.advance(100);
    expect(results.frames.at(-1)).toMatchObject({ id: "s", frame: 99, final: true, code: "ok" });
  });

  test("ends with resourceExhausted after 30 s without window", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, timeoutMs: 0, parameters: { max_tokens: 100 } })], {
      model: "lm",
    });
    await clock.advance(64 + 29_999);
    expect(results.frames.at(-1)).toMatchObject({ frame: 63, final: false });
    await clock.advance(2);
    expect(results.frames.at(-1)).toMatchObject({ frame: 64, final: true, code: "resourceExhausted" });
  });

  test("that nobody reads ends with resourceExhausted once its place is needed, before those of other tenants", async () => {
    await using fixture = await startGeneratingWorker({ models: [aGeneratingModel({ maxBatchSize: 1 })] });
    const { owner, results, clock } = fixture;
    const unread = { stream: true, parameters: { max_tokens: 100 } } as const;
    const endOf = (id: string): string | undefined =>
      results.frames.find((frame) => frame.id === id && frame.final)?.code;
    owner.grant([aPrompt("reading", { ...unread, tenant: "quiet" })], { model: "lm" });
    await clock.advance(100);
    for (const id of ["noisy-1", "noisy-2", "noisy-3"]) {
      owner.grant([aPrompt(id, { ...unread, tenant: "noisy" })], { model: "lm" });
      await clock.advance(100);
    }
    owner.grant([aPrompt("other", { tenant: "third" })], { model: "lm" });
    await clock.advance(100);
    expect(endOf("other")).toBe("ok");
    expect(endOf("noisy-1")).toBe("resourceExhausted");
    owner.control("lm", { windows: ["reading", "noisy-2"].map((id) => ({ id, frameLimit: 128 })) });
    await clock.advance(200);
    expect(endOf("reading")).toBe("ok");
    expect(endOf("noisy-2")).toBe("ok");
  });

  test("has no window for a caller that takes JSON", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    const json = { stream: true, accept: "json", parameters: { max_tokens: 100 } } as const;
    owner.grant([aPrompt("s", json)], { model: "lm" });
    await clock.advance(100);
    expect(results.frames.at(-1)).toMatchObject({ frame: 99, final: true });
  });

  test("stops when its caller cancels it", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 100 } })], { model: "lm" });
    await clock.advance(10);
    owner.control("lm", { cancel: ["s"] });
    await clock.advance(30);
    expect(results.frames.at(-1)).toMatchObject({ frame: 10, final: true, code: "canceled" });
    expect(owner.reports().get("b1")).toMatchObject({ returned: [], failed: [] });
  });

  test("is told apart from that of another caller with its id", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    const [meant, other] = ["_INBOX.c1.1", "_INBOX.c2.1"] as const;
    for (const reply of [meant, other]) {
      owner.grant([aPrompt("1", { stream: true, reply, parameters: { max_tokens: 200 } })], { model: "lm" });
      await clock.advance(100);
    }
    owner.control("lm", { reply: meant, windows: [{ id: "1", frameLimit: 128 }] });
    await clock.advance(100);
    const countOf = (reply: string): number => results.frames.filter((frame) => frame.reply === reply).length;
    expect([countOf(meant), countOf(other)]).toEqual([128, 64]);
    owner.control("lm", { reply: other, cancel: ["1"] });
    await clock.advance(30);
    expect(results.frames.at(-1)).toMatchObject({ reply: other, final: true, code: "canceled" });
    expect(countOf(meant)).toBe(128);
  });

  test("stops when the results service says that nobody listens", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    results.gone = ["s"];
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 900 }, accept: "json" })], {
      model: "lm",
    });
    await clock.advance(30);
    expect(results.frames.length).toBeLessThan(200);
    expect(results.frames.at(-1)).toMatchObject({ final: true, code: "canceled" });
  });

  test("ends with unavailable when the worker stops and the grace period is over", async () => {
    await using fixture = await startGeneratingWorker({ environment: { SLUICE_GRACE_MS: "50" } });
    const { owner, results, clock, running } = fixture;
    owner.grant([aPrompt("s", { stream: true, parameters: { max_tokens: 100 } })], { model: "lm" });
    await clock.advance(10);
    fixture.stop();
    await clock.advance(49);
    expect(results.frames.at(-1)).toMatchObject({ frame: 58, final: false });
    await clock.advance(10);
    await running;
    expect(results.frames.at(-1)).toMatchObject({ frame: 59, final: true, code: "unavailable" });
  });

  test("gives a caller that does not stream one frame with the whole text", async () => {
    await using fixture = await startGeneratingWorker();
    const { owner, results, clock } = fixture;
    owner.grant([aPrompt("r1"), aPrompt("r2", { parameters: { max_tokens: 2 } })], { model: "lm" });
    await clock.advance(30);
    expect(results.frames).toMatchObject([
      { id: "r2", final: true, parameters: { finish_reason: "length" } },
      { id: "r1", final: true, parameters: { finish_reason: "length" } },
    ]);
    expect(textOf(results.frames)).toBe("bcbcde");
    expect(owner.reports().get("b1")).toMatchObject({ costMs: 4 });
  });
});
