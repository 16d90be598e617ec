import { frameDefaults, type Frame } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createTestClient } from "./test-client.fixture.ts";

/** What services counted of a request, beside what its client had counted before. */
function served(totalMs: number): Pick<Frame, "timings"> {
  return { timings: { ...frameDefaults.timings, totalMs } };
}

const input = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("infer() - what passes on the way", () => {
  test("leaves services the time without what earlier calls spent that no service counted", async () => {
    await using scene = await createTestClient();
    const { client, clock } = scene;
    using owner = scene.owner();
    const model = client.model("echo");
    for (let index = 0; index < 32; index++) {
      const call = model.infer(input, { timeoutMs: 1000 });
      const request = await owner.request(index);
      expect(request.timeoutMs).toBe(1000);
      await clock.advance(30);
      owner.answer(request, served(10));
      await clock.settle();
      await call;
    }
    const next = model.infer(input, { timeoutMs: 1000 });
    const request = await owner.request(32);
    expect(request).toMatchObject({ timeoutMs: 980, queuedMs: 0 });
    owner.answer(request, served(20));
    await clock.settle();
    await next;
  });

  test("learns from refusals, too, and forgets as ways become short", async () => {
    await using scene = await createTestClient();
    const { client, clock } = scene;
    using owner = scene.owner();
    const model = client.model("echo");
    const refuse = async (index: number, afterMs: number): Promise<number> => {
      const call = model.infer(input, { timeoutMs: 100 }).catch(() => undefined);
      const request = await owner.request(index);
      await clock.advance(afterMs);
      owner.answer(request, { code: "deadlineExceeded" });
      await clock.settle();
      await call;
      return request.timeoutMs;
    };
    for (let index = 0; index < 32; index++) await refuse(index, 80);
    for (let index = 32; index < 96; index++) expect(await refuse(index, 1)).toBe(index < 64 ? 50 : 99);
  });
});
