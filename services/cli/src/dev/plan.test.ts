import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeDevState } from "./dev-state.ts";
import { planDev } from "./plan.ts";

describe("planDev", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-plan-"));
    mkdirSync(join(folder, "deploy", "models"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("serves the project's own models on a free port, from any folder of the project", () => {
    expect(planDev({ env: {}, folder: join(folder, "deploy") }, {})).toEqual({
      dataFolder: join(folder, ".sluice"),
      modelsFolder: join(folder, "deploy", "models"),
      natsUrl: undefined,
      port: undefined,
    });
  });

  test("refuses a second stack in the same project, and says where the first one serves", () => {
    const state = {
      isOfDev: true,
      pid: process.pid,
      url: "nats://127.0.0.1:7",
      statusUrls: {},
    };
    writeDevState(join(folder, ".sluice"), state);
    expect(() => planDev({ env: {}, folder }, {})).toThrow(/process \d+.*nats:\/\/127.0.0.1:7/);
  });

  test.each(["elsewhere", "file"])(
    "refuses a model repository that is not there or no folder: %s",
    (name) => {
      writeFileSync(join(folder, "file"), "");
      expect(() => planDev({ env: {}, folder }, { models: name })).toThrow(
        expect.objectContaining({
          code: "notFound",
          message: expect.stringContaining(join(folder, name)),
        }),
      );
    },
  );

  test("refuses a port for a server that NATS_URL names", () => {
    expect(() => planDev({ env: { NATS_URL: "nats://a" }, folder }, { port: 1 })).toThrow(
      expect.objectContaining({ code: "invalidArgument" }),
    );
  });
});
