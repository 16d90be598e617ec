import { readBrokerCounters } from "@sluice/load-generator";
import { expect, test } from "vitest";
import { startStack } from "./stack.ts";

const outstanding = 64;
const callsOfEach = 100;

const echo = `name: echo
pool: default
engine: synthetic
limits: { maxBatchSize: 64 }
synthetic: { alphaMs: 0, betaMs: 0 }
`;

test("64 calls open on one connection take at most a quarter of a NATS message each", async () => {
  await using stack = await startStack({ repository: { echo }, monitoring: true });
  await using client = await stack.connectClient();
  const model = client.model("echo");
  const call = async (callCount: number): Promise<void> => {
    for (let count = 0; count < callCount; count++) {
      await model.infer({ input: { data: Float32Array.of(count), shape: [1, 1] } }, { timeoutMs: 20_000 });
    }
  };
  await call(1);
  const before = await readBrokerCounters(stack.monitoringUrl ?? "");
  await Promise.all(Array.from({ length: outstanding }, () => call(callsOfEach)));
  const after = await readBrokerCounters(stack.monitoringUrl ?? "");
  const messagesPerRequest = (after.publishedCount - before.publishedCount) / (outstanding * callsOfEach);
  expect(messagesPerRequest).toBeGreaterThan(0);
  expect(messagesPerRequest).toBeLessThanOrEqual(0.25);
});
