import { createRefusal, decodeReplyPack, type Frame } from "@sluice/protocol";
import { createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createReplies } from "./replies.ts";

/** The answers of an owner whose lease a test holds or not. */
function createScene() {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const frames: Frame[] = [];
  nats.connect().subscribe("_INBOX.caller", ({ payload }) => frames.push(...decodeReplyPack(payload).frames));
  const lease = { isHeld: true };
  const replies = createReplies({
    pool: "gpu",
    messaging: nats.connect(),
    clock,
    onEvent: () => undefined,
    epoch: () => 1,
    version: () => "1",
    mayAnswer: () => lease.isHeld,
    maxHeldFrames: 2,
  });
  const refuse = (id: string): void => {
    const caller = { id, tenant: "acme", reply: "_INBOX.caller", accept: "msgpack", attempt: 0 } as const;
    replies.refuse(caller, "echo", createRefusal("unavailable", "full"));
  };
  return { clock, lease, replies, refuse, ids: () => frames.map(({ id }) => id) };
}

describe("createReplies()", () => {
  test("holds its answers while it is in doubt whose the pool is", async () => {
    const { clock, lease, replies, refuse, ids } = createScene();
    lease.isHeld = false;
    refuse("a");
    await clock.settle();
    refuse("b");
    await clock.settle();
    expect(ids()).toEqual([]);
    lease.isHeld = true;
    replies.flush();
    await clock.settle();
    expect(ids()).toEqual(["a", "b"]);
  });

  test("drops what it holds beyond its bound, and goes on", async () => {
    const { clock, lease, refuse, ids } = createScene();
    lease.isHeld = false;
    for (const id of ["a", "b", "c"]) refuse(id);
    await clock.settle();
    lease.isHeld = true;
    refuse("d");
    await clock.settle();
    expect(ids()).toEqual(["d"]);
  });
});
