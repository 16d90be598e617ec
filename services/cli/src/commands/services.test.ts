import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeDevState } from "../dev/dev-state.ts";
import { environmentOf } from "./services.ts";

const folder = "/nowhere";

describe("environmentOf()", () => {
  test("says what the flags say", () => {
    const flags = { nats: "nats://a", pool: "gpu", models: "x,y", repository: "/models" };
    expect(environmentOf({ env: { SLUICE_NATS_URL: "nats://b" }, folder }, flags)).toEqual({
      SLUICE_NATS_URL: "nats://a",
      SLUICE_POOL: "gpu",
      SLUICE_MODELS: "x,y",
      SLUICE_MODEL_REPOSITORY: "/models",
    });
  });

  test("leaves SLUICE_NATS_URL as it is where no flag names a server", () => {
    const env = { SLUICE_NATS_URL: "nats://b", NATS_URL: "nats://c" };
    expect(environmentOf({ env, folder }, {})).toEqual({});
  });

  test("finds the server as all commands do where nothing names one", () => {
    expect(environmentOf({ env: { NATS_URL: "nats://c" }, folder }, {})).toEqual({
      SLUICE_NATS_URL: "nats://c",
    });
    expect(environmentOf({ env: { SLUICE_NATS_URL: "" }, folder }, {})).toEqual({
      SLUICE_NATS_URL: "nats://127.0.0.1:4222",
    });
  });

  test("takes the login away for the server of a running `sluice dev`, and no other's", async () => {
    const project = await mkdtemp(join(tmpdir(), "sluice-services-"));
    const login = { SLUICE_NATS_TOKEN: "s3cret" };
    try {
      for (const isOfDev of [true, false]) {
        writeDevState(join(project, ".sluice"), {
          pid: process.pid,
          url: "nats://d",
          isOfDev,
          statusUrls: {},
        });
        const said = environmentOf({ env: login, folder: project }, {});
        expect({ ...login, ...said }).toMatchObject({
          SLUICE_NATS_URL: "nats://d",
          SLUICE_NATS_TOKEN: isOfDev ? "" : "s3cret",
        });
      }
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  });
});
