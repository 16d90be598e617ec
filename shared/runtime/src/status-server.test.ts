import { describe, expect, test } from "vitest";
import type { ServiceState } from "./lifecycle.ts";
import { serveStatus } from "./status-server.ts";

const metrics = { contentType: "text/plain", text: () => Promise.resolve("batches_total 1\n") };

function serve(state: ServiceState, source: typeof metrics = metrics) {
  return serveStatus({ port: 0, host: "127.0.0.1", state: () => state, metrics: source });
}

describe("serveStatus()", () => {
  test.each<[ServiceState, number, number]>([
    ["starting", 200, 503],
    ["running", 200, 200],
    ["draining", 200, 503],
    ["stopped", 200, 503],
    ["failed", 503, 503],
  ])("tells of a service that is %s: live %d, ready %d", async (state, live, ready) => {
    await using server = await serve(state);
    const healthz = await fetch(`http://127.0.0.1:${server.port}/healthz`);
    const readyz = await fetch(`http://127.0.0.1:${server.port}/readyz?verbose`);
    expect([healthz.status, readyz.status]).toEqual([live, ready]);
    expect(await healthz.json()).toEqual({ state });
    expect(await readyz.json()).toEqual({ state });
  });

  test("serves the metrics", async () => {
    await using server = await serve("running");
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toBe("batches_total 1\n");
  });

  test("answers 500 when metrics cannot be collected", async () => {
    await using server = await serve("running", {
      ...metrics,
      text: () => Promise.reject(new Error("broken")),
    });
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("broken");
  });

  test("answers 404 elsewhere and 405 to other methods", async () => {
    await using server = await serve("running");
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/readyz`, { method: "POST" })).status).toBe(405);
  });

  test("rejects when the port is taken", async () => {
    await using server = await serve("running");
    const second = serveStatus({ port: server.port, host: "127.0.0.1", state: () => "running", metrics });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
