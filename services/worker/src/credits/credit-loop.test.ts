import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture } from "../fixtures/worker-fixture.ts";

describe("createCreditLoop()", () => {
  test("sends the next credit just before the running batch is predicted to end", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r2")]);
    await clock.settle();
    const sent = owner.credits.length;
    // A round trip of 1 ms is assumed, until others were measured.
    await clock.advance(8.4);
    expect(owner.credits.length).toBe(sent);
    await clock.advance(0.1);
    expect(owner.credits.length).toBe(sent + 1);
    expect(owner.lastOffer().freeInMs).toBeCloseTo(1.5);
  });

  test("counts as a round trip what a credit and its batch took, without what the owner held it", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    for (let count = 0; count < 64; count++) {
      const credit = owner.lastOffer();
      await clock.advance(30);
      expect(owner.lastOffer()).toBe(credit);
      // It left before the engine was free, and took 3 ms both ways.
      owner.grant([aRowRequest("r1")], { heldMs: credit.freeInMs + 27 });
      await clock.advance(10);
    }
    owner.grant([aRowRequest("r2")]);
    await clock.settle();
    const sent = owner.credits.length;
    await clock.advance(6.4);
    expect(owner.credits.length).toBe(sent);
    await clock.advance(0.1);
    expect(owner.credits.length).toBe(sent + 1);
  });

  test("sends it when the batch ends while nothing is known of the model", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(9.9);
    expect(owner.credits).toHaveLength(1);
    await clock.advance(0.1);
    expect(owner.credits).toHaveLength(2);
  });

  test.each([
    { alphaMs: 0.5, creditCount: 2 },
    { alphaMs: 10, creditCount: 1 },
  ])(
    "opens a credit for each slot once batches take no millisecond: $creditCount at $alphaMs ms",
    async (example) => {
      const { alphaMs, creditCount } = example;
      await using fixture = await startWorkerFixture({ alphaMs, environment: { SLUICE_SLOTS: "2" } });
      const { owner, clock } = fixture;
      for (let count = 0; count < 8; count++) {
        const { creditId } = owner.lastOffer();
        const sent = owner.credits.length;
        owner.grant([aRowRequest(`r${count}`)], { creditId });
        await clock.advance(50);
        const offers = owner.credits.slice(sent).filter(({ credit }) => credit.capacity > 0);
        expect(offers).toHaveLength(count < 7 ? 1 : creditCount);
      }
    },
  );

  test("reports a batch on the next credit that leaves within 20 ms", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r2")], { batchId: "second" });
    await clock.advance(10);
    expect(owner.credits.at(-1)?.credit).toMatchObject({ models: ["echo"], done: [{ batchId: "b1" }] });
  });

  test("reports a batch by itself when no credit leaves for 20 ms", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10 + 19);
    expect(owner.reports().size).toBe(0);
    await clock.advance(1);
    expect(owner.credits.at(-1)?.credit).toMatchObject({
      models: [],
      capacity: 0,
      done: [{ batchId: "b1" }],
    });
  });

  test("reports a batch as soon as its results are acknowledged where its owner awaits that", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")], { isReportAwaited: true });
    await clock.advance(10);
    expect(owner.credits.at(-1)?.credit).toMatchObject({
      models: [],
      capacity: 0,
      done: [{ batchId: "b1" }],
    });
    const sent = owner.credits.length;
    await clock.advance(100);
    expect(owner.credits.length).toBe(sent);
  });

  test("lets a report wait its own 20 ms when a credit took the one before it", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r2")]);
    await clock.advance(10);
    const sent = owner.credits.length;
    await clock.advance(19);
    expect(owner.credits.length).toBe(sent);
    await clock.advance(1);
    expect(owner.credits.at(-1)?.credit).toMatchObject({ models: [], done: [{ batchId: "b2" }] });
  });

  test("sends an unanswered credit again every 2 s under the same id", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    await clock.advance(4000);
    expect(owner.credits.map(({ credit }) => credit.creditId)).toEqual(
      Array.from({ length: 3 }, () => owner.lastOffer().creditId),
    );
  });

  test("tries again after 50 ms, doubling to 1 s, while nobody owns the pool", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, events } = fixture;
    owner.leave();
    await clock.advance(2000);
    const sent = events.count("creditSent");
    // 50, 100, 200, 400 and 800 ms after the repetition that met nobody.
    await clock.advance(1550);
    expect(events.count("creditSent")).toBe(sent + 5);
    await clock.advance(3000);
    expect(events.count("creditSent")).toBe(sent + 8);
  });

  test("sends its credits again at once when a new epoch begins, with what it still runs", async () => {
    await using fixture = await startWorkerFixture({ environment: { SLUICE_SLOTS: "2" } });
    const { owner, clock, engines } = fixture;
    owner.announce({ epoch: 1 });
    await clock.settle();
    engines[0]?.control.hold();
    owner.grant([aRowRequest("r1", { attempt: 1 })]);
    await clock.settle();
    owner.announce({ epoch: 2, state: "taken" });
    await clock.settle();
    const { credit } = owner.credits.at(-1) ?? {};
    expect(credit?.epoch).toBe(2);
    expect(credit?.openRuns).toEqual([
      {
        id: "r1",
        tenant: "acme",
        reply: "_INBOX.caller.1",
        model: "echo",
        batchId: "b1",
        epoch: 1,
        attempt: 1,
      },
    ]);
    expect(owner.profiles.length).toBeGreaterThan(1);
    owner.announce({ epoch: 2 });
    await clock.settle();
    expect(owner.credits.at(-1)?.credit).toBe(credit);
  });

  test("ignores the events of an owner that was replaced", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.announce({ epoch: 2 });
    owner.announce({ epoch: 1 });
    await clock.advance(500);
    expect(owner.heartbeats.at(-1)).toMatchObject({ epoch: 2 });
  });

  test("carries a report again until a batch shows that its credit arrived", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r2")], { batchId: "second" });
    await clock.advance(10);
    const { creditId } = owner.lastOffer();
    const sent = owner.credits.length;
    await clock.advance(2000);
    const again = owner.credits.slice(sent).find(({ credit }) => credit.creditId === creditId);
    expect(again?.credit.done.map(({ batchId }) => batchId)).toContain("b1");
  });

  test("offers the models of both slots, each engine once", async () => {
    await using fixture = await startWorkerFixture({
      models: [{ name: "a" }, { name: "b" }],
      environment: { SLUICE_SLOTS: "2" },
    });
    const { owner, clock } = fixture;
    expect(owner.credits.at(-1)?.credit.models).toEqual(["a", "b"]);
    owner.grant([aRowRequest("r1")], { model: "a" });
    await clock.settle();
    expect(owner.lastOffer().models).toEqual(["b"]);
    owner.grant([aRowRequest("r2")], { model: "b" });
    const sent = owner.credits.length;
    await clock.settle();
    expect(owner.credits.length).toBe(sent);
  });

  test("asks for no more work while results do not leave", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    results.isSilent = true;
    for (let batch = 0; batch < 5; batch++) {
      owner.grant([aRowRequest(`r${batch}`)]);
      await clock.advance(10);
    }
    const { creditId } = owner.lastOffer();
    await clock.advance(500);
    expect(owner.lastOffer().creditId).toBe(creditId);
    results.isSilent = false;
    await clock.advance(250);
    expect(owner.lastOffer().creditId).not.toBe(creditId);
  });
});
