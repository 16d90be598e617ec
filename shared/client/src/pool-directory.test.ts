import type { PoolEvent } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createPoolDirectory, listenMs } from "./pool-directory.ts";

function announcement(fields: Partial<PoolEvent> = {}): PoolEvent {
  const models = [{ name: "echo", version: "1", workerCount: 2 }];
  return { pool: "cpu", epoch: 1, owner: "d1", state: "owned", models, ...fields };
}

describe("createPoolDirectory()", () => {
  test.each([
    ["the first announcement", [announcement({ state: "taken" })], []],
    ["the same epoch", [announcement(), announcement()], []],
    ["a hand-over", [announcement(), announcement({ epoch: 2, state: "handedOver" })], []],
    ["a takeover", [announcement(), announcement({ epoch: 2, state: "taken" })], ["echo"]],
    [
      "a takeover by an owner that knows no models yet",
      [announcement(), announcement({ epoch: 2, state: "taken", models: [] })],
      ["echo"],
    ],
    [
      "the first list with a model of an owner that had taken the pool without knowing it",
      [
        announcement(),
        announcement({ epoch: 2, state: "taken", models: [] }),
        announcement({ epoch: 2, state: "taken", models: [] }),
        announcement({ epoch: 2, state: "taken" }),
      ],
      ["echo"],
    ],
    [
      "the next list of such an owner",
      [
        announcement(),
        announcement({ epoch: 2, state: "taken", models: [] }),
        announcement({ epoch: 2, state: "taken" }),
        announcement({ epoch: 2, state: "taken" }),
      ],
      [],
    ],
    [
      "the first list of who was handed the pool by an owner that never listed its models",
      [
        announcement(),
        announcement({ epoch: 2, state: "taken", models: [] }),
        announcement({ epoch: 3, state: "handedOver" }),
      ],
      ["echo"],
    ],
    [
      "an owner that lists again what it had left out itself",
      [announcement(), announcement({ models: [] }), announcement()],
      [],
    ],
    [
      "an owner of a pool that had none",
      [announcement({ state: "released" }), announcement({ epoch: 2, models: [] })],
      ["echo"],
    ],
    ["a skipped owner", [announcement(), announcement({ epoch: 3, state: "handedOver" })], ["echo"]],
    [
      "a takeover told twice",
      [
        announcement(),
        announcement({ epoch: 2, state: "taken" }),
        announcement({ epoch: 2, state: "taken" }),
      ],
      [],
    ],
    ["an older owner", [announcement({ epoch: 2 }), announcement({ epoch: 1, state: "taken" })], []],
    [
      "a takeover of another pool",
      [announcement(), announcement({ pool: "gpu", epoch: 2, state: "taken" })],
      [],
    ],
  ])("tells which models lost their requests: %s", (_case, events, expected) => {
    const directory = createPoolDirectory();
    expect(events.map((event) => directory.hear(event, 0, 0)).at(-1)).toEqual(expected);
  });

  test("tells of the models of a pool that is first heard when it should have been heard before", () => {
    const taken = announcement({ epoch: 2, state: "taken" });
    expect(createPoolDirectory().hear(taken, listenMs - 1, 0)).toEqual([]);
    expect(createPoolDirectory().hear(taken, listenMs, 0)).toEqual(["echo"]);
  });

  test("tells of a takeover after any silence, and lists no pool that is silent", () => {
    const directory = createPoolDirectory();
    directory.hear(announcement(), 0, 0);
    expect(directory.models(10_000)).toEqual([]);
    expect(directory.hear(announcement({ epoch: 2, state: "taken" }), 60_000, 0)).toEqual(["echo"]);
  });

  test("believes an older epoch of a pool that was silent: its record was made anew", () => {
    const directory = createPoolDirectory();
    directory.hear(announcement({ epoch: 7 }), 0, 0);
    directory.hear(announcement({ models: [] }), 9999, 0);
    expect(directory.models(9999)).toHaveLength(1);
    directory.hear(announcement(), 10_000, 0);
    expect(directory.models(10_000)).toHaveLength(1);
  });

  test("lists what the newest announcement of each pool says", () => {
    const directory = createPoolDirectory();
    directory.hear(announcement(), 0, 0);
    directory.hear(
      announcement({ pool: "gpu", models: [{ name: "big", version: "2", workerCount: 1 }] }),
      0,
      0,
    );
    directory.hear(announcement({ models: [] }), 1, 0);
    expect(directory.models(1)).toEqual([{ name: "big", version: "2", pool: "gpu", workerCount: 1 }]);
  });

  test("believes an announcement for 10 s, through a takeover that names no models", () => {
    const directory = createPoolDirectory();
    directory.hear(announcement(), 0, 0);
    directory.hear(announcement({ epoch: 2, state: "taken", models: [] }), 3000, 0);
    expect(directory.isAnnounced("echo", 9999)).toBe(true);
    expect(directory.isAnnounced("echo", 10_000)).toBe(false);
    expect(directory.isAnnounced("other", 0)).toBe(false);
  });
});
