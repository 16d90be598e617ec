import { fileURLToPath } from "node:url";
import { connect } from "@sluice/client";
import { createRandom } from "@sluice/load-generator";
import { startNatsServer } from "@sluice/testing";
import { expect, test } from "vitest";
import { startClusterOf, type ServiceName, type Settings } from "./cluster.ts";
import { drawDisturbance, resume, type Replica } from "./disturbances.ts";
import { startLoad } from "./load.ts";
import { startStreams, type StreamEnd } from "./stream-load.ts";

/** Another seed is another course of events. */
const seed = Number(process.env["SLUICE_TEST_SEED"] ?? 1);
const disturbanceCount = Number(process.env["SLUICE_TEST_DISTURBANCES"] ?? 12);
/** Enough for several takeovers in a row. */
const timeoutMs = 60_000;
/** Answers between two disturbances: half a second of them when all is well. */
const answersBetween = 150;
/** How long things may go wrong in all: what is slower than this fails, and is cleared away before the test is ended. */
const disturbancesTimeoutMs = 300_000;

const echo = `name: echo
pool: system
engine: synthetic
limits: { maxBatchSize: 8 }
synthetic: { alphaMs: 20, betaMs: 1 }
`;

const deployedModels = fileURLToPath(new URL("../../deploy/models", import.meta.url));

/** A request may meet many ends of its workers here. */
const dispatcher: Settings = { SLUICE_MAX_ATTEMPTS: "50" };
const replicaNames: readonly (readonly [ServiceName, string, Settings])[] = [
  ["dispatcher", "d1", dispatcher],
  ["dispatcher", "d2", dispatcher],
  ["dispatcher", "d3", dispatcher],
  ["results", "r1", {}],
  ["results", "r2", {}],
  ["worker", "w1", {}],
  ["worker", "w2", {}],
  ["worker", "w3", {}],
];
/** Streams have a worker whose connection is cut at most: they go on through all that happens to others. */
const streamWorker: Settings = {
  SLUICE_POOL: "default",
  SLUICE_MODELS: "char-lm",
  SLUICE_MODEL_REPOSITORY: deployedModels,
};

test(`services that are killed, ended, paused and cut off at random lose no call and mix up no answer, with seed ${seed}`, async ({
  onTestFailed,
}) => {
  const history: string[] = [];
  onTestFailed(() => void process.stderr.write(`${history.join("\n")}\n`));
  await using nats = await startNatsServer();
  await using cluster = await startClusterOf({ echo }, { server: nats });
  const replicas: Replica[] = [];
  for (const [service, id, own] of replicaNames) {
    const proxy = await cluster.startProxy();
    const settings = { ...own, SLUICE_NATS_URL: proxy.url };
    const process = await cluster.start(service, id, settings);
    replicas.push({ service, id, settings, proxy, process, standstill: "none" });
  }
  const cuttable = { client: await cluster.startProxy(), w4: await cluster.startProxy() };
  await cluster.start("worker", "w4", { ...streamWorker, SLUICE_NATS_URL: cuttable.w4.url });
  await using client = await connect({ servers: cuttable.client.url, tenant: "demo" });
  using load = startLoad(client, { outstanding: 32, timeoutMs });
  using streams = startStreams(client, 4);
  await load.answered(answersBetween);

  const random = createRandom(seed, 0);
  const startedMs = performance.now();
  for (let count = 0; count < disturbanceCount; count++) {
    expect(performance.now() - startedMs).toBeLessThan(disturbancesTimeoutMs);
    const { name, happen } = drawDisturbance({ cluster, nats, replicas, cuttable }, random);
    history.push(`${load.answeredCount} answers, then: ${name}`);
    await happen();
    await load.answered(load.answeredCount + answersBetween);
  }
  for (const replica of replicas) await resume(replica);
  await load.answered(load.answeredCount + answersBetween);
  const outcome = await load.stop();
  const ends = await streams.stop();

  expect(outcome.failures).toEqual([]);
  expect(outcome.answeredCount).toBe(outcome.sentCount);
  // A stream that has begun may end with its owner or its connection, and one that has not where there is none for 5 s: their callers are told.
  const isExpected = ({ code, text }: StreamEnd): boolean =>
    code === "ok" || code === "aborted" || (code === "unavailable" && text === "");
  expect(ends.filter((end) => !isExpected(end))).toEqual([]);
  const texts = ends.filter(({ code }) => code === "ok").map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(0);
  expect(new Set(texts).size).toBe(1);
}, 900_000);
