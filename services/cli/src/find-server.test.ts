import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeDevState } from "./dev/dev-state.ts";
import { findServer, serverHint } from "./find-server.ts";

describe("findServer", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-find-server-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const running = { pid: process.pid, url: "nats://127.0.0.1:9", isOfDev: true, statusUrls: {} };

  test("takes --nats before NATS_URL before the running dev server before the default port", () => {
    const env = { NATS_URL: "nats://b" };
    expect(findServer({ env: {}, folder }, {})).toEqual({
      url: "nats://127.0.0.1:4222",
      source: "default",
      isOfDev: false,
    });
    writeDevState(join(folder, ".sluice"), running);
    expect(findServer({ env: {}, folder }, {})).toEqual({
      url: running.url,
      source: "sluice dev",
      isOfDev: true,
    });
    expect(findServer({ env, folder }, {})).toEqual({ url: "nats://b", source: "NATS_URL", isOfDev: false });
    expect(findServer({ env, folder }, { nats: "nats://a" })).toEqual({
      url: "nats://a",
      source: "--nats",
      isOfDev: false,
    });
  });

  test("looks into SLUICE_DATA_FOLDER when it is set", () => {
    writeDevState(join(folder, "elsewhere"), running);
    expect(findServer({ env: { SLUICE_DATA_FOLDER: "elsewhere" }, folder }, {}).source).toBe("sluice dev");
  });

  test("the hint says how to get a server only when none was named", () => {
    expect(serverHint({ url: "", source: "default", isOfDev: false })).toContain("npm start");
    expect(serverHint({ url: "", source: "NATS_URL", isOfDev: false })).toContain("NATS_URL");
  });
});
