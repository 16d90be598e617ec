import { createRefusal, limitRefusal } from "@sluice/protocol";
import { collectEvents } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import type { DispatcherEvent } from "../event.ts";
import { createRefusalCounts } from "./refusal-counts.ts";

function aCount() {
  const events = collectEvents<DispatcherEvent>();
  return { events, counts: createRefusalCounts({ pool: "gpu", onEvent: events.onEvent }) };
}

describe("createRefusalCounts()", () => {
  test("tells of refusals that are alike together, whatever their messages", () => {
    const { events, counts } = aCount();
    counts.note("acme", "echo", createRefusal("deadlineExceeded", "1 ms left"));
    counts.note("acme", "echo", createRefusal("deadlineExceeded", "2 ms left"));
    expect(events.all).toEqual([]);
    counts.tell();
    expect(events.all).toEqual([
      {
        type: "requestsRefused",
        pool: "gpu",
        model: "echo",
        tenant: "acme",
        code: "deadlineExceeded",
        limit: "",
        of: "",
        count: 2,
      },
    ]);
  });

  test("tells apart tenants, models, codes, limits and whose they are, in their order", () => {
    const { events, counts } = aCount();
    const exceeded = { limit: "maxQueueSeconds", value: 1, actual: 2 };
    counts.note("acme", "echo", createRefusal("unavailable", "no"));
    counts.note("other", "echo", createRefusal("unavailable", "no"));
    counts.note("other", "ocr", createRefusal("unavailable", "no"));
    counts.note("other", "ocr", createRefusal("resourceExhausted", "no"));
    counts.note("other", "ocr", limitRefusal("no", exceeded));
    counts.note("other", "ocr", limitRefusal("no", { ...exceeded, of: "group" }));
    counts.note("acme", "echo", createRefusal("unavailable", "no"));
    counts.tell();
    expect(events.all).toHaveLength(7);
    expect(events.all.at(-2)).toMatchObject({ limit: "maxQueueSeconds", of: "group", count: 1 });
  });

  test("tells of each once", () => {
    const { events, counts } = aCount();
    counts.note("acme", "echo", createRefusal("unavailable", "no"));
    counts.tell();
    counts.tell();
    expect(events.all).toHaveLength(1);
  });
});
