import { connectMessaging, type Messaging } from "@sluice/messaging";
import {
  buckets,
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodePoolRecord,
  subjects,
  type InspectQuestion,
  type PoolReport,
  type RequestReport,
} from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { startCli, type Cli } from "./cli.fixture.ts";

const gpu: PoolReport = {
  kind: "pool",
  pool: "gpu",
  epoch: 3,
  owner: "d2",
  workerCount: 2,
  models: [{ name: "echo", version: "1", workerCount: 2 }],
  queuedCount: 15,
  queuedBytes: 900,
  oldestMs: 12_345,
  inFlightCount: 3,
  uselessRatio: 0.0125,
  tenants: [
    {
      tenant: "acme",
      class: "urgent",
      group: "lab",
      weight: 3,
      waitingCount: 12,
      oldestMs: 40.5,
      inFlightCount: 2,
      receivedMs: 1250.25,
      share: 0.75,
      fairShare: 0.5,
      lagMs: -3.5,
      p50Ms: 20,
      p99Ms: 90.5,
      refusals: { permissionDenied: 2 },
    },
  ],
  others: { tenantCount: 1, waitingCount: 3, inFlightCount: 1, receivedMs: 10, share: 0.25, refusals: {} },
};

const waiting: RequestReport["requests"][number] = {
  state: "waiting",
  tenant: "acme",
  model: "echo",
  attempt: 1,
  place: 3,
  aheadCount: 7,
  aheadMs: 70,
  startInMs: 35,
  timeLeftMs: 900,
  isHeld: false,
};

interface Scene extends Cli {
  readonly messaging: Messaging;
  /** Writes the record of a pool. */
  record(pool: string): Promise<void>;
  /** Answers the questions to a pool. */
  own(pool: string, answer: (question: InspectQuestion) => PoolReport | RequestReport): Promise<void>;
}

async function aScene(): Promise<Scene> {
  const cli = await startCli();
  const messaging = await connectMessaging({
    servers: [cli.url],
    name: "owner",
    log: silentLogger,
    clock: systemClock,
  });
  const record = async (pool: string): Promise<void> => {
    const bucket = await messaging.keyValue(buckets.pools);
    await bucket.put(pool, encodePoolRecord({ owner: "d1", epoch: 2, state: "owned" }));
  };
  return {
    ...cli,
    messaging,
    record,
    own: async (pool, answer) => {
      await record(pool);
      messaging.subscribe(subjects.inspect(pool), ({ payload, reply }) => {
        messaging.publish(reply, encodeInspectAnswer(answer(decodeInspectQuestion(payload))));
      });
      await messaging.flush();
    },
    [Symbol.asyncDispose]: async () => {
      await messaging.close();
      await cli[Symbol.asyncDispose]();
    },
  };
}

/** An owner of pool `gpu` that has these requests, whatever their id. */
function anOwner(
  requests: RequestReport["requests"],
): (question: InspectQuestion) => PoolReport | RequestReport {
  return (question) => {
    if (question.kind !== "request") return gpu;
    const { id, tenant } = question;
    const found = requests.filter((request) => tenant === undefined || request.tenant === tenant);
    return { kind: "request", id, requests: found };
  };
}

describe("sluice pools", () => {
  test("lists every pool with its owner, and says of which the owner does not answer", async () => {
    await using scene = await aScene();
    await scene.own("gpu", anOwner([]));
    await scene.record("cpu");
    const { output, notes } = await scene.run("pools");
    expect(output).toBe(
      "pool  owner  epoch  state  workers  models  queued  in flight  useless\n" +
        "cpu   d1     2      owned  -        -       -       -          -\n" +
        "gpu   d2     3      owned  2        echo    15      3          1.3 %\n",
    );
    expect(notes).toEqual(['nobody owns pool "cpu" now']);
    expect(await scene.json("pools")).toEqual([
      { pool: "cpu", owner: "d1", epoch: 2, state: "owned", problem: 'nobody owns pool "cpu" now' },
      {
        pool: "gpu",
        owner: "d2",
        epoch: 3,
        state: "owned",
        workerCount: 2,
        models: gpu.models,
        queuedCount: 15,
        inFlightCount: 3,
        uselessRatio: 0.0125,
      },
    ]);
  });

  test("says when there is none", async () => {
    await using scene = await aScene();
    for (const line of ["pools", "top --once", "explain r1"]) {
      await expect(scene.run(line)).rejects.toMatchObject({
        code: "notFound",
        message: "no pool is known: are a dispatcher and a worker running?",
      });
    }
  });
});

describe("sluice top", () => {
  test("shows the tenants of each pool, and the sum of the others", async () => {
    await using scene = await aScene();
    await scene.own("gpu", anOwner([]));
    expect((await scene.run("top --once")).output).toBe(
      [
        "pool gpu, owner d2 (epoch 3), 2 workers, 15 queued, 3 in flight, oldest 12.3 s",
        "tenant   group  class   weight  share  fair   lag    queued  oldest  in flight  p50    p99    refusals",
        "acme     lab    urgent  3       0.750  0.500  -3 ms  12      41 ms   2          20 ms  91 ms  permissionDenied 2",
        "1 other                         0.250                3               1",
        "",
      ].join("\n"),
    );
  });

  test("prints one line of JSON for each pool", async () => {
    await using scene = await aScene();
    await scene.own("gpu", anOwner([]));
    await scene.record("cpu");
    const lines = (await scene.run("top --once --json")).output.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { pool: "cpu", error: 'nobody owns pool "cpu" now', code: "unavailable" },
      gpu,
    ]);
    expect(JSON.parse((await scene.run("top --once --json --pool gpu")).output)).toEqual(gpu);
  });

  test("says which pool is not known, or has no owner", async () => {
    await using scene = await aScene();
    await scene.record("cpu");
    await expect(scene.run("top --once --pool gpu")).rejects.toMatchObject({
      code: "notFound",
      message: 'no pool "gpu" is known; there are: cpu',
    });
    await expect(scene.run("top --once --pool cpu")).rejects.toMatchObject({
      code: "unavailable",
      message: 'nobody owns pool "cpu" now',
    });
  });
});

describe("sluice explain", () => {
  test("says where a waiting request stands", async () => {
    await using scene = await aScene();
    await scene.own("gpu", anOwner([waiting]));
    expect((await scene.run("explain r1")).output).toBe(
      [
        'request "r1" of tenant "acme" waits in pool "gpu" for model "echo" (it was given to a worker 1 time before)',
        "  place: 3 of what waits of its tenant",
        "  ahead of it: 7 requests of all tenants; with what runs now about 70 ms of worker time",
        "  expected to start: in about 35 ms, if nothing comes that goes before it; its timeout is over in 900 ms",
        "",
      ].join("\n"),
    );
    expect(await scene.json("explain r1")).toEqual([{ ...waiting, pool: "gpu" }]);
  });

  test("finds requests in every pool, and asks for one tenant's", async () => {
    await using scene = await aScene();
    const running: RequestReport["requests"][number] = {
      state: "running",
      tenant: "beta",
      model: "echo",
      attempt: 0,
      worker: "w1",
      batchId: "b1",
      sinceMs: 5,
    };
    await scene.own("gpu", anOwner([running, waiting]));
    await scene.own("tpu", anOwner([{ ...waiting, timeLeftMs: 20, isHeld: true }]));
    await scene.record("cpu");
    const { output, notes } = await scene.run("explain r1");
    expect(output).toContain('"r1" of tenant "beta" runs: worker "w1" of pool "gpu" has had it for 5 ms');
    expect(output).toContain('waits in pool "tpu"');
    expect(output).toContain("its timeout is over in 20 ms, too early for it");
    expect(output).toContain("as many requests in flight as it may");
    expect(notes).toEqual(['nobody owns pool "cpu" now']);
    expect(await scene.json("explain r1 --tenant beta")).toEqual([{ ...running, pool: "gpu" }]);
  });

  test("says that a request is not open, and whom it could not ask", async () => {
    await using scene = await aScene();
    await scene.own("gpu", anOwner([]));
    await scene.record("cpu");
    await expect(scene.run("explain gone --tenant acme")).rejects.toMatchObject({
      code: "notFound",
      message:
        'no request "gone" of tenant "acme" waits or runs: it has ended, or was never let in; but nobody owns pool "cpu" now',
    });
  });

  test("refuses what is no request id", async () => {
    await using scene = await aScene();
    await expect(scene.run("explain a.b")).rejects.toMatchObject({
      code: "invalidArgument",
      message: 'a request id is 1 to 64 of A-Z a-z 0-9 _ -, not "a.b"',
    });
  });
});
