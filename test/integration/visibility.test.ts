import {
  encodeControl,
  encodeRequestPack,
  requestDefaults,
  subjects,
  type InferenceRequest,
} from "@sluice/protocol";
import { systemClock } from "@sluice/runtime";
import { createProgram } from "sluice";
import { describe, expect, test } from "vitest";
import { startStack, type Stack } from "./stack.ts";

/** One request a batch, each of them long: nothing moves while the test looks. */
const repository = {
  slow: `name: slow
engine: synthetic
pool: gpu
limits: { maxBatchSize: 1 }
synthetic: { alphaMs: 6000, inputs: { input: { datatype: FP32, shape: [-1, 2] } } }
`,
};

function aRequest(id: string): InferenceRequest {
  return {
    ...requestDefaults,
    id,
    inputs: [{ name: "input", datatype: "FP32", shape: [1, 2] }],
    body: [new Uint8Array(8)],
  };
}

/** Calls the model once for each id, and resolves once all wait or run. */
async function call(
  { messaging, dispatcherEvents }: Stack,
  tenant: string,
  ids: readonly string[],
): Promise<void> {
  const admitted = dispatcherEvents.next("requestsAdmitted");
  const reply = subjects.reply(tenant, messaging.connectionId);
  messaging.publish(subjects.infer("slow", tenant), encodeRequestPack(ids.map(aRequest)), { reply });
  await admitted;
}

/** Gives requests up, so that the stack ends soon. */
async function giveUp({ messaging }: Stack, tenant: string, ids: readonly string[]): Promise<void> {
  messaging.publish(
    subjects.cancel("slow", tenant),
    encodeControl({ kind: "control", cancel: ids, windows: [] }),
  );
  await messaging.flush();
}

/** What a line of the `sluice` command prints, as JSON. */
async function printed({ server }: Stack, line: string): Promise<unknown> {
  let output = "";
  const program = createProgram({
    env: { NATS_URL: server },
    folder: "/nowhere",
    clock: systemClock,
    print: (text) => {
      output += text;
    },
    note: () => undefined,
  });
  await program.parseAsync(["node", "sluice", ...line.split(" "), "--json"]);
  return JSON.parse(output);
}

describe("what operators see", () => {
  test("sluice top shows the queues of two tenants, sluice explain the place of a request in them", async () => {
    await using stack = await startStack({ repository });
    const acme = ["a1", "a2", "a3", "a4", "a5", "a6"];
    const beta = ["b1", "b2", "b3"];
    const firstSent = stack.dispatcherEvents.next("batchSent");
    await call(stack, "acme", acme);
    await firstSent;
    await call(stack, "beta", beta);
    const sent = stack.dispatcherEvents.count("batchSent");

    expect(await printed(stack, "pools")).toMatchObject([
      { pool: "gpu", owner: "d1", epoch: 1, workerCount: 1, queuedCount: 9 - sent, inFlightCount: sent },
    ]);
    expect(await printed(stack, "top --once")).toMatchObject({
      pool: "gpu",
      queuedCount: 9 - sent,
      tenants: [
        { tenant: "acme", waitingCount: 6 - sent, inFlightCount: sent, fairShare: 0.5, share: 1 },
        { tenant: "beta", waitingCount: 3, inFlightCount: 0, fairShare: 0.5, share: 0 },
      ],
    });

    // What acme has been given puts its first requests behind those of beta.
    expect(await printed(stack, "explain b1")).toMatchObject([
      { pool: "gpu", tenant: "beta", model: "slow", state: "waiting", place: 1, aheadCount: 0 },
    ]);
    expect(await printed(stack, "explain a6 --tenant acme")).toMatchObject([
      { tenant: "acme", state: "waiting", place: 6 - sent, aheadCount: 9 - sent - 1 },
    ]);
    expect(await printed(stack, "explain a1")).toMatchObject([{ state: "running", worker: "w1" }]);
    await expect(printed(stack, "explain a6 --tenant beta")).rejects.toMatchObject({ code: "notFound" });

    await giveUp(stack, "acme", acme);
    await giveUp(stack, "beta", beta);
  });
});
