import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectMessaging } from "@sluice/messaging";
import {
  buckets,
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodeInspectError,
  encodePoolRecord,
  InferenceError,
  subjects,
  type ModelReport,
} from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { startCli, type Cli } from "./cli.fixture.ts";

const curve = { fixedMs: 5, perElementMs: 0.05, perPairMs: 0 };
const latency = { model: "embed", curve, margin: 1.25, drift: 0.9, elementsPerByte: 0.25 };
const embed: ModelReport = {
  kind: "model",
  model: "embed",
  version: "2",
  maxBatchSize: 64,
  hasLengths: true,
  workers: [{ worker: "w1", latency }, { worker: "w2" }],
};

/** The command beside an owner of pool `gpu`, which serves this model. */
async function aScene(report: ModelReport = embed): Promise<Cli> {
  const cli = await startCli();
  const messaging = await connectMessaging({
    servers: [cli.url],
    name: "owner",
    log: silentLogger,
    clock: systemClock,
  });
  const bucket = await messaging.keyValue(buckets.pools);
  await bucket.put("gpu", encodePoolRecord({ owner: "d1", epoch: 1, state: "owned" }));
  messaging.subscribe(subjects.inspect("gpu"), ({ payload, reply }) => {
    const question = decodeInspectQuestion(payload);
    const isKnown = question.kind === "model" && question.model === report.model;
    const unknown = new InferenceError("notFound", 'pool "gpu" does not serve it');
    messaging.publish(reply, isKnown ? encodeInspectAnswer(report) : encodeInspectError(unknown));
  });
  await messaging.flush();
  return {
    ...cli,
    [Symbol.asyncDispose]: async () => {
      await messaging.close();
      await cli[Symbol.asyncDispose]();
    },
  };
}

describe("sluice models profile", () => {
  test("prints the curve of each worker, and the batches it would be given", async () => {
    await using scene = await aScene();
    expect((await scene.run("models profile embed --length 100")).output).toBe(
      "model embed (version 2), pool gpu, at most 64 items a batch\n" +
        "worker  fixed ms          each element  each pair  margin  drift\n" +
        "w1      5.00              0.0500        0          1.25    0.90\n" +
        "w2      not measured yet\n" +
        "\n" +
        "items of a batch, where callers allow so much (- = too little for any answer):\n" +
        "worker  length  10 ms  25 ms  50 ms  100 ms  200 ms  500 ms\n" +
        "w1      100     -      1      4      9       20      29\n",
    );
  });

  test("looks at some lengths where rows differ, else at none", async () => {
    await using ragged = await aScene();
    expect(await ragged.json("models profile embed")).toMatchObject({
      pool: "gpu",
      model: "embed",
      timeoutsMs: [10, 25, 50, 100, 200, 500],
      sizes: [{ length: 16 }, { length: 64 }, { length: 256 }],
    });
    await using even = await aScene({ ...embed, hasLengths: false });
    expect(await even.json("models profile embed --length 100")).toMatchObject({ sizes: [{ length: 1 }] });
  });

  test("draws a line for each length", async () => {
    await using scene = await aScene();
    const folder = await mkdtemp(join(tmpdir(), "sluice-profile-"));
    try {
      const path = join(folder, "embed.svg");
      await scene.run(`models profile embed --svg ${path}`);
      const svg = await readFile(path, "utf8");
      expect(svg.match(/<polyline/gu)).toHaveLength(6);
      expect(svg).toContain("embed on w1: margin 1.25, drift 0.90");
      expect(svg).not.toContain("NaN");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("names the file that cannot be drawn", async () => {
    await using scene = await aScene();
    await expect(scene.run("models profile embed --svg /nowhere/embed.svg")).rejects.toMatchObject({
      code: "invalidArgument",
      message: "--svg /nowhere/embed.svg cannot be written",
    });
  });

  test("says that there is nothing to draw where no worker has measured the model", async () => {
    await using scene = await aScene({ ...embed, workers: [{ worker: "w2" }] });
    const run = scene.run("models profile embed --svg never.svg");
    await expect(run).rejects.toThrow('no worker has measured model "embed" yet');
  });

  test("says what is known of a model that generates, and why it has no curve", async () => {
    const story = {
      ...embed,
      model: "story",
      isIterative: true,
      workers: [{ worker: "w1" }, { worker: "w2" }],
    };
    await using scene = await aScene({ ...story, costPerItemMs: 84.51 });
    expect((await scene.run("models profile story")).output).toBe(
      "model story (version 2), pool gpu, generates: how long it takes depends on prompts and on how\n" +
        "many tokens are asked for, so it has no curve. The timings of each answer tell what its tokens took.\n" +
        "a request took 84.5 ms of a worker's time of late; workers: w1, w2\n",
    );
    await expect(scene.run("models profile story --svg never.svg")).rejects.toMatchObject({
      code: "invalidArgument",
      message: 'model "story" generates: it has no curve to draw',
    });
    await using idle = await aScene(story);
    expect((await idle.run("models profile story")).output).toContain(
      "no request of it has run yet; workers",
    );
  });

  test("says which pools do not serve it", async () => {
    await using scene = await aScene();
    await expect(scene.run("models profile other")).rejects.toThrow('pool "gpu" does not serve it');
  });
});
