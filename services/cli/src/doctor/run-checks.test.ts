import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { modelRepositoryCheck, natsServerCheck, nodeCheck } from "./checks.ts";
import { runChecks } from "./run-checks.ts";

describe("runChecks", () => {
  test("goes on after a check that throws, and reports its message", async () => {
    const broken = {
      name: "broken",
      async run(): Promise<never> {
        throw new InferenceError("unavailable", "nothing there: do this");
      },
    };
    const results = await runChecks([broken, nodeCheck("20.19.0")], () => {});
    expect(results).toEqual([
      { name: "broken", state: "failed", found: "nothing there: do this", remedy: "" },
      { name: "Node", state: "ok", found: "20.19.0", remedy: "" },
    ]);
  });
});

describe("nodeCheck", () => {
  test.each([
    { version: "18.20.0", state: "failed" },
    { version: "20.18.3", state: "failed" },
    { version: "20.19.0", state: "ok" },
    { version: "22.1.0", state: "ok" },
  ])("Node $version is $state", async ({ version, state }) => {
    expect(await nodeCheck(version).run()).toMatchObject({ state });
  });
});

describe("natsServerCheck", () => {
  test("a server of NATS_URL that does not answer is not in order", async () => {
    const context = {
      env: { NATS_URL: "nats://127.0.0.1:1" },
      folder: "/nowhere",
      clock: createFakeClock(),
      print: () => {},
      note: () => {},
    };
    expect(await runChecks([natsServerCheck(context)], () => {})).toMatchObject([
      {
        state: "failed",
        found: expect.stringContaining("nats://127.0.0.1:1; the address came from NATS_URL"),
      },
    ]);
  });
});

describe("modelRepositoryCheck", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-doctor-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const check = async (): Promise<unknown> =>
    modelRepositoryCheck({ folder, env: { SLUICE_MODEL_REPOSITORY: join(folder, "models") } }).run();

  test("a missing folder and one without models fail, with what to do", async () => {
    expect(await check()).toMatchObject({ state: "failed", remedy: expect.stringContaining("--models") });
    mkdirSync(join(folder, "models", "empty"), { recursive: true });
    expect(await check()).toMatchObject({ state: "failed" });
  });

  test("lists the models it finds", async () => {
    mkdirSync(join(folder, "models", "echo"), { recursive: true });
    writeFileSync(join(folder, "models", "echo", "model.yaml"), "name: echo\n");
    expect(await check()).toMatchObject({ state: "ok", found: expect.stringContaining("echo") });
  });
});
