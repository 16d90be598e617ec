import {
  buckets,
  decodeBudgetRecord,
  decodeLeaseAsks,
  InferenceError,
  subjects,
  type LeaseAsk,
} from "@sluice/protocol";
import { systemClock } from "@sluice/runtime";
import { rendezvousWinner } from "@sluice/scheduling";
import { createProgram } from "sluice";
import { describe, expect, test } from "vitest";
import { startStack, type Stack } from "./stack.ts";

const yaml = (name: string): string => `name: ${name}
engine: synthetic
pool: tenants
synthetic: { alphaMs: 1, inputs: { input: { datatype: FP32, shape: [-1, 2] } } }
`;
const repository = { echo: yaml("echo"), other: yaml("other") };
/** Each item takes the one worker a twentieth of a second. */
const slowRepository = { slow: yaml("slow").replace("alphaMs: 1", "alphaMs: 0, betaMs: 50") };
const input = { data: Float32Array.of(1, 2), shape: [1, 2] };

/** Runs a line of the `sluice` command and resolves once the dispatcher knows what it changed. */
async function change({ server, dispatcherEvents }: Stack, line: string): Promise<void> {
  const program = createProgram({
    env: { NATS_URL: server },
    folder: "/nowhere",
    clock: systemClock,
    print: () => undefined,
    note: () => undefined,
  });
  await program.parseAsync(["node", "sluice", ...line.split(" ")]);
  await dispatcherEvents.next("tenantRecordChanged");
}

describe("tenants", () => {
  test("are denied, allowed and limited to models while everything runs", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient({ tenant: "acme", retries: 0 });
    const echo = client.model("echo");
    expect((await echo.infer({ input })).outputs["input"]?.values()).toEqual(input.data);

    await change(stack, "tenants default set --unknown-tenants deny");
    await expect(echo.infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" is not known here',
    });

    await change(stack, "tenants set acme --models echo");
    expect((await echo.infer({ input })).outputs["input"]?.values()).toEqual(input.data);
    await expect(client.model("other").infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" may not call model "other"; allowed: echo',
    });
    await using stranger = await stack.connectClient({ tenant: "stranger", retries: 0 });
    await expect(stranger.model("echo").infer({ input })).rejects.toMatchObject({
      code: "permissionDenied",
      message: expect.stringContaining('"stranger"'),
    });

    await change(stack, "tenants rm acme");
    await expect(echo.infer({ input })).rejects.toMatchObject({ code: "permissionDenied" });
    expect(stack.dispatcherEvents.count("poolOwned")).toBe(1);
  });

  test("with a bound of their queue are refused what is too much, and others are not", async () => {
    await using stack = await startStack({ repository: slowRepository });
    await change(stack, "tenants set greedy --max-queue-seconds 1");
    await using greedy = await stack.connectClient({ tenant: "greedy", retries: 0 });
    await using modest = await stack.connectClient({ tenant: "modest", retries: 0 });
    const slow = greedy.model("slow");
    await slow.infer({ input });
    // Now the owner knows what a request costs.
    await stack.dispatcherEvents.next("batchDone");

    const calls = Array.from({ length: 60 }, () => slow.infer({ input }));
    const others = Array.from({ length: 20 }, () => modest.model("slow").infer({ input }));
    const outcomes = await Promise.allSettled(calls);
    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    // 20 may wait for a second, half of that beside somebody else who has work, and some run already.
    expect(refusals.length).toBeGreaterThan(10);
    expect(refusals.length).toBeLessThan(calls.length);
    expect(refusals[0]).toMatchObject({
      code: "resourceExhausted",
      message: expect.stringContaining('the queue of tenant "greedy" in pool "tenants"'),
      details: { limit: "maxQueueSeconds", value: 1, actual: expect.any(Number) },
      retryAfterMs: expect.any(Number),
    });
    expect(refusals[0].details.actual).toBeGreaterThan(1);
    expect(refusals[0].retryAfterMs).toBeGreaterThanOrEqual(50);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(["resourceExhausted"]));

    expect(await Promise.all(others)).toHaveLength(20);
    await slow.infer({ input });
  });

  test("with a budget are refused once it is spent, and what was spent is written down", async () => {
    await using stack = await startStack({ repository: slowRepository });
    await change(stack, "tenants set frugal --daily-budget-seconds 1");
    await using frugal = await stack.connectClient({ tenant: "frugal" });
    let count = 0;
    const refused = (async () => {
      for (;;) {
        await frugal.model("slow").infer({ input });
        count += 1;
      }
    })();
    await expect(refused).rejects.toMatchObject({
      code: "resourceExhausted",
      message: expect.stringContaining("worker-seconds today (UTC), expected at most 1 (dailyBudgetSeconds)"),
      details: { limit: "dailyBudgetSeconds", value: 1, actual: expect.any(Number) },
      retryAfterMs: expect.any(Number),
    });
    // A request costs at least 50 ms, and what an engine takes longer.
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThanOrEqual(22);
    const bucket = await stack.messaging.keyValue(buckets.budgets);
    const entry = await bucket.get("frugal");
    const { daySpentMs = 0 } = entry === undefined ? {} : decodeBudgetRecord(entry.value);
    expect(daySpentMs).toBeGreaterThanOrEqual(1000);
  });

  test("with a rate lease it from another dispatcher, which is their home", async () => {
    const dispatchers = ["d1", "d2"];
    const pool = named("pool", (name) => rendezvousWinner(name, dispatchers) === "d1");
    const tenant = named("tenant", (name) => rendezvousWinner(name, dispatchers) === "d2");
    const repository = { slow: slowRepository.slow.replace("pool: tenants", `pool: ${pool}`) };
    await using stack = await startStack({ repository, withStandby: true });
    await using client = await stack.connectClient({ tenant });
    const slow = client.model("slow");
    // Its costs are known from then on: 50 ms each.
    await slow.infer({ input });

    const asks: LeaseAsk[] = [];
    stack.messaging.subscribe(
      subjects.quota("d2"),
      ({ payload }) => void asks.push(...decodeLeaseAsks(payload)),
    );
    await stack.messaging.flush();
    const rateMsPerSecond = 200;
    await change(stack, `tenants set ${tenant} --rate-ms-per-second ${rateMsPerSecond} --burst-ms 400`);
    const startMs = systemClock.monotonicMs();
    let ranCount = 0;
    const refusal = await (async () => {
      for (;;) {
        try {
          await slow.infer({ input });
          ranCount += 1;
        } catch (error) {
          return InferenceError.from(error);
        }
      }
    })();
    expect(refusal).toMatchObject({
      code: "resourceExhausted",
      details: { limit: "rateMsPerSecond", of: "tenant", value: rateMsPerSecond },
    });
    const elapsedMs = systemClock.monotonicMs() - startMs;
    // Burst and rate, half a burst on credit, what wallets held, and a request for each dispatcher; a run may take longer than 50 ms.
    const mostMs = 400 + (rateMsPerSecond * elapsedMs) / 1000 + 200 + 300 + 2 * 50;
    expect(ranCount * 50).toBeLessThanOrEqual(mostMs);
    expect(ranCount).toBeGreaterThan(0);
    expect(asks.map(({ of, name }) => `${of} ${name}`)).toContain(`tenant ${tenant}`);
  });
});

/** The first of `<prefix>-0`, `<prefix>-1` … that fits. */
function named(prefix: string, fits: (name: string) => boolean): string {
  for (let number = 0; ; number++) if (fits(`${prefix}-${number}`)) return `${prefix}-${number}`;
}
