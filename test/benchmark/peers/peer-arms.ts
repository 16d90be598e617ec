import { freePort } from "@sluice/testing";
import { startLoad, startRole, type RoleProcess } from "../measure/role-process.ts";
import type { Arm } from "../overhead/arm.ts";
import { startNatsArm, startRoles } from "../overhead/nats-arm.ts";
import { findRedisBinary } from "./bullmq/redis-binary.ts";
import { startRedisServer } from "./bullmq/redis-server.ts";

/** What people would use instead of Sluice, all with `overhead-probe` in onnxruntime-node. Decision 22 says how each is built. */
export const peerArms: readonly (readonly [name: string, start: () => Promise<Arm>])[] = [
  [
    "bare-model",
    () => startNatsArm("bare-model", (site) => startRoles(site, { responder: "bare-model-responder" })),
  ],
  ["in-process", startInProcess],
  ["fastify", startFastify],
  ["bullmq", () => startBullmq("bullmq")],
  ["bullmq-one", () => startBullmq("bullmq-one")],
  ["jetstream", () => startNatsArm("jetstream", (site) => startRoles(site, { worker: "jetstream-worker" }))],
];

async function startInProcess(): Promise<Arm> {
  return {
    name: "in-process",
    processes: [],
    startLoad: (connections) => startLoad({ arm: "in-process", server: "", connections }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function startFastify(): Promise<Arm> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = await startRole("server", ["fastify-server", url]);
  return {
    name: "fastify",
    processes: [server],
    startLoad: (connections) => startLoad({ arm: "fastify", server: url, connections }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Each has a Redis of its own; they differ in how many jobs the worker has open. */
async function startBullmq(name: "bullmq" | "bullmq-one"): Promise<Arm> {
  const redis = await startRedisServer(await findRedisBinary(process.env));
  let worker: RoleProcess;
  try {
    worker = await startRole("worker", [`${name}-worker`, redis.url]);
  } catch (error) {
    await redis[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name,
    processes: [worker, redis],
    startLoad: (connections) => startLoad({ arm: name, server: redis.url, connections }),
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
