import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { emptyingMs } from "../settings.ts";
import type { Cluster } from "../testing/cluster.ts";
import { createScene, type Scene } from "../testing/scene.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";
import { isLastAttempt } from "./open-request.ts";

/** With two attempts, one failure leaves a request its last one. */
const settings = { maxAttempts: 2 };

async function giveCredit(cluster: Cluster, worker: StubWorker): Promise<void> {
  worker.credit();
  await cluster.clock.settle();
}

/** Ends the batch with a request, and with it the requests `failed`. */
async function end(
  cluster: Cluster,
  worker: StubWorker,
  { id, failed = [] }: { readonly id: string; readonly failed?: readonly string[] },
): Promise<void> {
  const batch = worker.batches.findLast((candidate) => idsOf(candidate).includes(id));
  worker.done(batch?.batchId ?? "", { failed });
  await cluster.clock.settle();
}

/** What a worker was given, a word for each batch. */
function givenTo(worker: StubWorker): string {
  return worker.batches.map((batch) => idsOf(batch).join("")).join(" ");
}

interface BusyScene extends Scene {
  readonly other: StubWorker;
}

/** Two workers that run `a` and `b`, and `p` that failed once and waits for its last attempt. */
async function createBusyScene(): Promise<BusyScene> {
  const scene = await createScene({ settings });
  const { cluster, worker, caller } = scene;
  const other = cluster.worker({ name: "w2" });
  caller.send({ id: "a" });
  await giveCredit(cluster, worker);
  caller.send({ id: "b" });
  await giveCredit(cluster, other);
  caller.send({ id: "p" });
  await giveCredit(cluster, worker);
  await end(cluster, worker, { id: "p", failed: ["p"] });
  return { ...scene, other };
}

describe("owner - a request on its last attempt", () => {
  test("goes only to a worker without any batch", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, other } = scene;
    await giveCredit(cluster, worker);
    await giveCredit(cluster, other);
    expect([givenTo(worker), givenTo(other)]).toEqual(["a p", "b"]);
    const idle = cluster.worker({ name: "w3" });
    await cluster.clock.settle();
    await giveCredit(cluster, idle);
    expect(givenTo(idle)).toBe("p");
  });

  test("keeps every other batch from its worker until it has ended", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "p" });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p"] });
    await giveCredit(cluster, worker);
    caller.send({ id: "a" });
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("p p");
    await end(cluster, worker, { id: "p" });
    expect(givenTo(worker)).toBe("p p a");
  });

  test("runs in a batch of its own, on each worker that is free for one", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "p" }, { id: "q" });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p", "q"] });
    const other = cluster.worker({ name: "w2" });
    await cluster.clock.settle();
    await giveCredit(cluster, worker);
    await giveCredit(cluster, other);
    expect([givenTo(worker), givenTo(other)]).toEqual(["pq p", "q"]);
  });

  test("has one worker emptied for it, while the others go on", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, other, caller } = scene;
    caller.send({ id: "c" });
    await giveCredit(cluster, worker);
    await giveCredit(cluster, other);
    expect([givenTo(worker), givenTo(other)]).toEqual(["a p", "b c"]);
    caller.send({ id: "d" });
    await giveCredit(cluster, other);
    await end(cluster, worker, { id: "a" });
    expect([givenTo(worker), givenTo(other)]).toEqual(["a p p", "b c d"]);
  });

  test("leaves a batch of the others between two of its kind, if there is any", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "p" }, { id: "q" }, { id: "r" });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p", "q", "r"] });
    caller.send({ id: "a" });
    for (const id of ["p", "a", "q"]) {
      await giveCredit(cluster, worker);
      await end(cluster, worker, { id });
    }
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("pqr p a q r");
  });

  test("may have the only worker emptied, and gets it before the others", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    await giveCredit(cluster, worker);
    caller.send({ id: "p" });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p"] });
    caller.send({ id: "b" });
    await giveCredit(cluster, worker);
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("a p");
    await end(cluster, worker, { id: "a" });
    expect(givenTo(worker)).toBe("a p p");
    await end(cluster, worker, { id: "p" });
    expect(givenTo(worker)).toBe("a p p b");
  });

  test("has another worker emptied when the first is lost", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, other, caller } = scene;
    await giveCredit(cluster, worker);
    worker.silence();
    await cluster.clock.advance(2500);
    caller.send({ id: "c" });
    await giveCredit(cluster, other);
    expect(givenTo(other)).toBe("b");
    await end(cluster, other, { id: "b" });
    // The lost worker held `a`, which therefore is on its last attempt too, and came first.
    expect(givenTo(other)).toBe("b a");
  });

  test("has another worker emptied when the first takes its credits back", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, other, caller } = scene;
    worker.credit({ creditId: "open" });
    await cluster.clock.settle();
    worker.credit({ creditId: "open", models: [], capacity: 0 });
    caller.send({ id: "c" });
    await giveCredit(cluster, other);
    expect([givenTo(worker), givenTo(other)]).toEqual(["a p", "b"]);
    await end(cluster, other, { id: "b" });
    expect(givenTo(other)).toBe("b p");
  });

  test("keeps no work from a worker that does not serve its model", async () => {
    await using scene = await createBusyScene();
    const { cluster, caller } = scene;
    const stranger = cluster.worker({ name: "w3", models: [aSignature({ name: "other" })] });
    const strangerCaller = cluster.caller({ model: "other" });
    await cluster.clock.settle();
    for (const id of ["x", "y"]) {
      strangerCaller.send({ id });
      await giveCredit(cluster, stranger);
    }
    expect(givenTo(stranger)).toBe("x y");
    expect(caller.frames).toEqual([]);
  });

  test("has a worker emptied in vain for a while only, and none for as long after that", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    await giveCredit(cluster, worker);
    caller.send({ id: "p" });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p"] });
    caller.send({ id: "b" });
    await giveCredit(cluster, worker);
    await cluster.clock.advance(emptyingMs - 100);
    expect(givenTo(worker)).toBe("a p");
    await cluster.clock.advance(200);
    expect(givenTo(worker)).toBe("a p b");
    caller.send({ id: "c" });
    await cluster.clock.advance(emptyingMs - 400);
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("a p b c");
    caller.send({ id: "d" });
    await cluster.clock.advance(400);
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("a p b c");
  });

  test("keeps no worker from the others once it was given up", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, caller } = scene;
    await giveCredit(cluster, worker);
    caller.send({ id: "c" });
    await cluster.clock.settle();
    expect(givenTo(worker)).toBe("a p");
    caller.control({ cancel: ["p"] });
    await cluster.clock.settle();
    expect(caller.codeOf("p")).toBe("canceled");
    expect(givenTo(worker)).toBe("a p c");
  });

  test("keeps no worker from the others once its deadline has passed", async () => {
    await using scene = await createScene({ settings });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    await giveCredit(cluster, worker);
    caller.send({ id: "p", timeoutMs: 220 });
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "p", failed: ["p"] });
    caller.send({ id: "b" });
    await giveCredit(cluster, worker);
    expect(givenTo(worker)).toBe("a p");
    await cluster.clock.advance(230);
    expect(caller.codeOf("p")).toBe("deadlineExceeded");
    expect(givenTo(worker)).toBe("a p b");
  });

  test("keeps its rule when it comes back unrun", async () => {
    await using scene = await createBusyScene();
    const { cluster, worker, other, caller } = scene;
    await giveCredit(cluster, worker);
    await end(cluster, worker, { id: "a" });
    expect(givenTo(worker)).toBe("a p p");
    worker.done(worker.batch.batchId, { returned: ["p"] });
    await cluster.clock.settle();
    caller.send({ id: "c" });
    await giveCredit(cluster, other);
    expect(givenTo(other)).toBe("b");
    await end(cluster, other, { id: "b" });
    expect(givenTo(other)).toBe("b p");
  });

  test("takes nobody along when workers with several batches are lost, whatever it ran beside", async () => {
    await using scene = await createScene();
    const { cluster, caller, dispatcher } = scene;
    scene.worker.silence();
    await cluster.clock.advance(2500);
    const answered = new Set<string>();
    let lostCount = 0;
    const startWorker = async (): Promise<StubWorker> => {
      const started = cluster.worker({ name: `x${lostCount}` });
      await cluster.clock.settle();
      return started;
    };
    let worker = await startWorker();
    caller.send(...Array.from({ length: 60 }, (_, number) => ({ id: `r${number}` })));
    caller.send({ id: "poison" });
    caller.send(...Array.from({ length: 30 }, (_, number) => ({ id: `s${number}` })));
    while (answered.size + dispatcher.events.count("requestDeadLettered") < 91) {
      // As a worker with two slots does: the older batch ends while the newer one runs.
      for (let slot = 0; slot < 2; slot++) await giveCredit(cluster, worker);
      const running = worker.batches.filter((batch) => worker.listed.has(batch.batchId));
      if (running.some((batch) => idsOf(batch).includes("poison"))) {
        worker.silence();
        lostCount += 1;
        await cluster.clock.advance(2500);
        worker = await startWorker();
        continue;
      }
      const [oldest] = running;
      if (oldest === undefined) throw new Error("nothing runs, though requests wait");
      for (const id of idsOf(oldest)) answered.add(id);
      worker.done(oldest.batchId);
      await cluster.clock.settle();
    }
    expect(lostCount).toBe(3);
    expect(caller.frames.map(({ id, code }) => [id, code])).toEqual([["poison", "internal"]]);
    expect(answered.size).toBe(90);
  });
});

describe("isLastAttempt()", () => {
  test.each([
    { attempt: 0, maxAttempts: 3, isLast: false },
    { attempt: 1, maxAttempts: 3, isLast: false },
    { attempt: 2, maxAttempts: 3, isLast: true },
    { attempt: 5, maxAttempts: 3, isLast: true },
    { attempt: 1, maxAttempts: 2, isLast: true },
    { attempt: 0, maxAttempts: 1, isLast: false },
  ])("says $isLast for attempt $attempt of at most $maxAttempts", ({ attempt, maxAttempts, isLast }) => {
    expect(isLastAttempt(attempt, maxAttempts)).toBe(isLast);
  });
});
