import { runName, type BatchDone } from "@sluice/protocol";
import type { TenantShare } from "@sluice/scheduling";
import { aRequest } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { openRequest, type OpenRequest, type Batch } from "./open-request.ts";
import { createTenantSamples, type QueueView, type TenantSamples } from "./tenant-samples.ts";

function aShare(tenant: string, fields: Partial<TenantShare<OpenRequest>> = {}): TenantShare<OpenRequest> {
  return {
    tenant,
    class: "normal",
    group: "",
    weight: 1,
    v: 0,
    waiting: 0,
    oldest: undefined,
    inFlight: 0,
    chargedMs: 0,
    fairShare: 0,
    lagMs: 0,
    ...fields,
  };
}

/** A view of tenants that were charged this much so far. */
function aView(chargedMs: Readonly<Record<string, number>>): QueueView {
  const shares = Object.entries(chargedMs).map(([tenant, each]) => aShare(tenant, { chargedMs: each }));
  return { shares, chargedMs: Object.values(chargedMs).reduce((a, b) => a + b, 0), nowMs: 0 };
}

function standingOf(samples: TenantSamples, view: QueueView, tenant: string) {
  const found = samples.standings(view).find(({ report }) => report.tenant === tenant);
  if (found === undefined) throw new Error(`${tenant} has no standing`);
  return found;
}

/** A batch of requests of one tenant, called at 0. */
function aBatch(tenant: string, count: number): Batch {
  const source = { model: "m", tenant, reply: "_INBOX.x", maxBatchItems: 64, keepsOrder: false, nowMs: 0 };
  const placement = {
    timeoutMs: 60_000,
    attempt: 0,
    runsAlone: false,
    items: 1,
    length: 1,
    bytes: 1,
    arrival: 0,
    payment: undefined,
  };
  const runs = Array.from({ length: count }, (_, index) =>
    openRequest(aRequest({ queuedMs: 0 }), source, { ...placement, id: `r${index}` }),
  );
  return {
    batchId: "b1",
    creditId: "",
    worker: "w1",
    model: "m",
    items: count,
    sentAtMs: 0,
    runs,
    listedAtMs: undefined,
    plan: undefined,
    answers: undefined,
  };
}

const done: BatchDone = {
  batchId: "b1",
  costMs: 1,
  uselessMs: 0,
  agoMs: 0,
  returned: [],
  failed: [],
  unrun: [],
};

describe("createTenantSamples()", () => {
  test("takes the share over the last ten samples", () => {
    const samples = createTenantSamples();
    samples.sample(aView({ a: 100, b: 0 }));
    expect(standingOf(samples, aView({ a: 100, b: 300 }), "b").report.share).toBe(0.75);
    for (let second = 0; second < 10; second++) samples.sample(aView({ a: 100, b: 300 }));
    expect(standingOf(samples, aView({ a: 100, b: 300 }), "b").report.share).toBe(0);
    expect(standingOf(samples, aView({ a: 150, b: 300 }), "a").report.share).toBe(1);
  });

  test("tells what was received since the sample before, corrections left out", () => {
    const samples = createTenantSamples();
    expect(samples.receivedSinceMs(aView({ a: 100 }))).toBe(100);
    samples.sample(aView({ a: 100 }));
    samples.sample(aView({ a: 90 }));
    expect(standingOf(samples, aView({ a: 95 }), "a").receivedSinceMs).toBe(0);
    expect(standingOf(samples, aView({ a: 130 }), "a").receivedSinceMs).toBe(30);
    expect(samples.receivedSinceMs(aView({ a: 130 }))).toBe(30);
  });

  test("begins anew with a tenant that the queue forgot", () => {
    const samples = createTenantSamples();
    samples.sample(aView({ a: 1000 }));
    samples.sample({ shares: [], chargedMs: 1000, nowMs: 0 });
    const back = { ...aView({ a: 5 }), chargedMs: 1005 };
    expect(standingOf(samples, back, "a")).toMatchObject({ receivedSinceMs: 5, report: { receivedMs: 5 } });
  });

  test("shows who was only refused, and adds it to the others when it is forgotten", () => {
    const samples = createTenantSamples();
    samples.noteRefusals("denied", "permissionDenied", 3);
    const nobody = aView({});
    expect(standingOf(samples, nobody, "denied").report.refusals).toEqual({ permissionDenied: 3 });
    for (let second = 0; second < 11; second++) samples.sample(nobody);
    expect(samples.standings(nobody)).toEqual([]);
    expect(samples.otherRefusals()).toEqual({ permissionDenied: 3 });
  });

  test("remembers a bounded number of tenants; refusals of further ones count for the others", () => {
    const samples = createTenantSamples();
    for (let index = 0; index < 5000; index++) samples.noteRefusals(`t${index}`, "permissionDenied", 1);
    expect(samples.standings(aView({}))).toHaveLength(4096);
    expect(samples.otherRefusals()).toEqual({ permissionDenied: 5000 - 4096 });
  });

  test("keeps the times of the last requests", () => {
    const samples = createTenantSamples();
    expect(samples.times("a")).toEqual({});
    for (let nowMs = 1; nowMs <= 400; nowMs++) samples.noteBatch(aBatch("a", 1), done, nowMs);
    // The last 256: 145 to 400.
    expect(samples.times("a")).toEqual({ p50Ms: 272, p99Ms: 398 });
  });

  test("notes the times of a few requests of a large batch, and of none that comes back", () => {
    const samples = createTenantSamples();
    const batch = aBatch("a", 64);
    const returned = batch.runs.map(runName);
    samples.noteBatch(batch, { ...done, returned }, 7);
    samples.noteBatch(batch, { ...done, failed: returned }, 7);
    expect(samples.times("a")).toEqual({});
    samples.noteBatch(batch, done, 9);
    for (let count = 0; count < 16; count++) samples.noteBatch(aBatch("a", 1), done, 1);
    // 16 of the 64 requests were noted, so 16 others are half of all.
    expect(samples.times("a")).toEqual({ p50Ms: 1, p99Ms: 9 });
    samples.noteBatch(aBatch("a", 1), done, 9);
    expect(samples.times("a")).toEqual({ p50Ms: 9, p99Ms: 9 });
  });
});
