import { aSignature, collectEvents } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import type { DispatcherEvent } from "../event.ts";
import { createPoolRoster } from "./pool-roster.ts";

function aRoster() {
  const events = collectEvents<DispatcherEvent>();
  const roster = createPoolRoster({ pool: "gpu", onEvent: events.onEvent });
  const join = (worker: string, version = "1", state: "running" | "draining" | "starting" = "running") => {
    roster.heartbeat({ worker, epoch: 0, state, batchIds: [] });
    roster.profile({ worker, device: "test", models: [aSignature({ version })], latencies: [] });
  };
  return { roster, events, join };
}

describe("createPoolRoster()", () => {
  test("counts only workers that run", () => {
    const { roster, join } = aRoster();
    join("w1");
    join("w2", "1", "starting");
    join("w3", "1", "draining");
    expect(roster.models).toEqual([{ name: "echo", version: "1", workerCount: 1 }]);
    expect(roster.hasWorkers).toBe(true);
  });

  test("keeps the newest version of a model, whoever speaks last, and tells that they differ", () => {
    const { roster, events, join } = aRoster();
    join("w1", "9");
    join("w2", "10");
    join("w3", "9");
    expect(roster.signature("echo")?.version).toBe("10");
    expect(events.count("signatureMismatch")).toBe(2);
  });

  test("goes back to an older version once no worker has the newer one", () => {
    const { roster, join } = aRoster();
    join("w1", "9");
    join("w2", "10");
    roster.lose("w2");
    expect(roster.signature("echo")?.version).toBe("9");
    join("w2", "10");
    join("w2", "9");
    expect(roster.signature("echo")?.version).toBe("9");
    roster.lose("w1");
    roster.lose("w2");
    join("w3", "8");
    expect(roster.models).toEqual([{ name: "echo", version: "8", workerCount: 1 }]);
  });

  test("lists a model that was recorded until a worker tells of it, whatever its version, or it is forgotten", () => {
    const { roster, events, join } = aRoster();
    roster.recall([aSignature({ version: "3" }), aSignature({ name: "removed" })]);
    expect(roster.models.map(({ name, workerCount }) => [name, workerCount])).toEqual([
      ["echo", 0],
      ["removed", 0],
    ]);
    join("w1", "2");
    expect(roster.signature("echo")?.version).toBe("2");
    expect(events.count("signatureMismatch")).toBe(0);
    roster.forgetUnserved(() => false);
    expect(roster.models).toHaveLength(2);
    roster.forgetUnserved(() => true);
    expect(roster.models).toEqual([{ name: "echo", version: "2", workerCount: 1 }]);
    expect(roster.signature("removed")).toBeUndefined();
  });

  test("recalls no record of a model that a worker told of", () => {
    const { roster, join } = aRoster();
    join("w1", "2");
    roster.recall([aSignature({ version: "3" })]);
    roster.forgetUnserved(() => true);
    expect(roster.models).toEqual([{ name: "echo", version: "2", workerCount: 1 }]);
  });

  test("keeps a model whose workers are gone, with none", () => {
    const { roster, join } = aRoster();
    join("w1");
    roster.lose("w1");
    expect(roster.models).toEqual([{ name: "echo", version: "1", workerCount: 0 }]);
    expect(roster.serves("w1", "echo")).toBe(false);
    expect(roster.hasWorkers).toBe(false);
  });

  test("knows the newest epoch of the workers that live", () => {
    const { roster } = aRoster();
    for (const [worker, epoch] of [["w1", 3] as const, ["w2", 7] as const]) {
      roster.heartbeat({ worker, epoch, state: "running", batchIds: [] });
    }
    expect(roster.newestEpoch).toBe(7);
    roster.lose("w2");
    expect(roster.newestEpoch).toBe(3);
  });

  test("forgets what a worker no longer announces", () => {
    const { roster, join } = aRoster();
    join("w1");
    roster.profile({ worker: "w1", device: "test", models: [], latencies: [] });
    expect(roster.workerCount("echo")).toBe(0);
  });

  test("keeps how long a model takes on each worker, and tells nobody of a change of that alone", () => {
    const { roster, join } = aRoster();
    join("w1");
    let changeCount = 0;
    using _listening = roster.listen({
      heartbeat: () => undefined,
      workerLost: () => undefined,
      modelsChanged: () => (changeCount += 1),
    });
    const curve = { fixedMs: 4, perElementMs: 1, perPairMs: 0 };
    const latency = {
      model: "echo",
      curve,
      margin: 1.1,
      drift: 1,
      elementsPerByte: 0.25,
      maxTextLength: 128,
    };
    roster.profile({ worker: "w1", device: "test", models: [aSignature()], latencies: [latency] });
    expect(roster.latency("w1", "echo")).toEqual(latency);
    expect(roster.latency("w2", "echo")).toBeUndefined();
    expect(roster.textLengths("echo")).toEqual({ elementsPerByte: 0.25, maxLength: 128 });
    expect(roster.textLengths("other")).toEqual({ elementsPerByte: 0, maxLength: Infinity });
    expect(changeCount).toBe(0);
    roster.lose("w1");
    expect(roster.latency("w1", "echo")).toBeUndefined();
  });
});
