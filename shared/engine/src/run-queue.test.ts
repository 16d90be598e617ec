import { describe, expect, test } from "vitest";
import { createRunQueue } from "./run-queue.ts";

describe("createRunQueue()", () => {
  test("starts the first run within the call", () => {
    let hasStarted = false;
    void createRunQueue("test").run(async () => (hasStarted = true));
    expect(hasStarted).toBe(true);
  });

  test("starts a run only after the one before it has ended, failed or not", async () => {
    const queue = createRunQueue("test");
    const events: string[] = [];
    const first = queue.run(async () => {
      await Promise.resolve();
      events.push("first ends");
      throw new Error("failed");
    });
    const second = queue.run(async () => events.push("second starts"));
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(events).toEqual(["first ends", "second starts"]);
  });

  test("starts as many as may be open, and the next with the first end", async () => {
    const queue = createRunQueue("test", { maxOpen: 2 });
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const runs = [0, 1, 2].map((index) =>
      queue.run(async () => {
        started.push(index);
        await new Promise<void>((resolve) => (ends[index] = resolve));
      }),
    );
    expect(started).toEqual([0, 1]);
    ends[0]?.();
    await runs[0];
    expect(started).toEqual([0, 1, 2]);
    const released: string[] = [];
    const closed = queue.close(async () => void released.push("release"));
    ends[1]?.();
    await runs[1];
    expect(released).toEqual([]);
    ends[2]?.();
    await closed;
    expect(released).toEqual(["release"]);
  });

  test("releases once, after the runs that were accepted", async () => {
    const queue = createRunQueue("test");
    const events: string[] = [];
    const run = queue.run(async () => {
      await Promise.resolve();
      events.push("run");
    });
    const release = async (): Promise<void> => {
      events.push("release");
    };
    await Promise.all([queue.close(release), queue.close(release), run]);
    expect(events).toEqual(["run", "release"]);
  });

  test("refuses runs once it closes", async () => {
    const queue = createRunQueue("test");
    const closed = queue.close(async () => {});
    await expect(queue.run(async () => 1)).rejects.toMatchObject({
      code: "unavailable",
      message: "engine test is closed",
    });
    await closed;
  });
});
