import { createMetrics } from "@sluice/runtime";
import { expect, test } from "vitest";
import { createEventMetrics } from "./event-metrics.ts";

test("createEventMetrics() counts refusals by code, and by the limit that was exceeded and whose it is", async () => {
  using metrics = createMetrics({ service: "dispatcher" });
  const onEvent = createEventMetrics(metrics);
  const refused = { type: "requestsRefused", pool: "gpu", model: "echo", tenant: "acme", count: 1 } as const;
  onEvent({ ...refused, code: "invalidArgument", limit: "", of: "" });
  const code = "resourceExhausted";
  onEvent({ ...refused, code, limit: "maxQueueSeconds", of: "tenant", count: 2 });
  onEvent({ ...refused, code, limit: "maxQueueSeconds", of: "group" });
  const lines = (await metrics.text()).split("\n").filter((line) => line.includes("_refusals_total{"));
  expect(lines).toEqual([
    expect.stringMatching(/code="invalidArgument",limit="",of="".* 1$/),
    expect.stringMatching(/code="resourceExhausted",limit="maxQueueSeconds",of="tenant".* 2$/),
    expect.stringMatching(/limit="maxQueueSeconds",of="group".* 1$/),
  ]);
});
