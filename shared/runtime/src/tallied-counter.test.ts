import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createTalliedCounter } from "./tallied-counter.ts";

const options = { name: "requests_total", help: "Requests", labelNames: ["model", "code"] };

describe("createTalliedCounter()", () => {
  test("adds up what was counted between two readings and over all of them", async () => {
    const registry = new Registry();
    const requests = createTalliedCounter(options, registry);
    requests.labels("echo", "ok").inc(2);
    requests.labels("echo", "ok").inc();
    expect(await registry.metrics()).toContain('requests_total{model="echo",code="ok"} 3');
    requests.labels("echo", "ok").inc(0.5);
    expect(await registry.metrics()).toContain('requests_total{model="echo",code="ok"} 3.5');
    expect(await registry.metrics()).toContain('requests_total{model="echo",code="ok"} 3.5');
  });

  test("keeps labels apart, and shows those that nothing was added to", async () => {
    const registry = new Registry();
    const requests = createTalliedCounter(options, registry);
    requests.labels("echo", "ok").inc();
    requests.labels("ok", "echo").inc(0);
    const text = await registry.metrics();
    expect(text).toContain('requests_total{model="echo",code="ok"} 1');
    expect(text).toContain('requests_total{model="ok",code="echo"} 0');
  });

  test("is 0 without labels until something is counted", async () => {
    const registry = new Registry();
    const requests = createTalliedCounter({ name: "requests_total", help: "Requests" }, registry);
    expect(await registry.metrics()).toContain("requests_total 0");
    requests.inc();
    expect(await registry.metrics()).toContain("requests_total 1");
  });

  test("forgets what was removed, told or not, and counts it from 0 again", async () => {
    const registry = new Registry();
    const requests = createTalliedCounter(options, registry);
    requests.labels("echo", "ok").inc(5);
    await registry.metrics();
    requests.labels("echo", "ok").inc(5);
    requests.remove("echo", "ok");
    expect(await registry.metrics()).not.toContain("echo");
    requests.labels("echo", "ok").inc();
    expect(await registry.metrics()).toContain('requests_total{model="echo",code="ok"} 1');
  });

  test.each([-1, Number.NaN])("refuses to be increased by %d", (amount) => {
    const requests = createTalliedCounter(options, new Registry());
    expect(() => requests.labels("echo", "ok").inc(amount)).toThrow(`a counter was increased by ${amount}`);
  });

  test("refuses more or fewer values than it has labels", () => {
    const requests = createTalliedCounter(options, new Registry());
    expect(() => requests.labels("echo")).toThrow("requests_total has 2 labels and was given 1 values");
    expect(() => requests.inc()).toThrow("requests_total has 2 labels and was given 0 values");
  });
});
