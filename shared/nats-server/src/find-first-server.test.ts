import { InferenceError } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { findFirstServer, type ServerSource } from "./find-first-server.ts";

function sourceWith(name: string, asked: string[]): ServerSource {
  return {
    name,
    async find() {
      asked.push(name);
      return { path: `/${name}/nats-server`, version: "2.15.1" };
    },
  };
}

function sourceWithout(name: string, error: Error): ServerSource {
  return { name, find: async () => Promise.reject(error) };
}

describe("findFirstServer()", () => {
  test("takes the first source that has a server and asks no further", async () => {
    const asked: string[] = [];
    const sources = [
      sourceWithout("path", new InferenceError("unavailable", "none")),
      sourceWith("cache", asked),
      sourceWith("download", asked),
    ];

    expect(await findFirstServer(sources, { log: silentLogger })).toEqual({
      path: "/cache/nats-server",
      version: "2.15.1",
    });
    expect(asked).toEqual(["cache"]);
  });

  test("goes on after a fault of the machine", async () => {
    const sources = [sourceWithout("cache", new Error("ENOSPC: no space left")), sourceWith("debian", [])];

    expect(await findFirstServer(sources, { log: silentLogger })).toMatchObject({
      path: "/debian/nats-server",
    });
  });

  test("lists all that was tried, why it failed and what to do", async () => {
    const sources = [
      sourceWithout(
        "nats-server on PATH",
        new InferenceError("unavailable", "there is no command nats-server"),
      ),
      sourceWithout("cache", new Error("ENOSPC: no space left")),
    ];

    await expect(findFirstServer(sources, { log: silentLogger })).rejects.toMatchObject({
      code: "unavailable",
      message: `no nats-server was found. Tried:
  - nats-server on PATH: there is no command nats-server
  - cache: ENOSPC: no space left
Do one of these:
  - set NATS_URL to the address of a running server
  - install nats-server 2.9.10 or newer, so that it is on PATH
  - set SLUICE_NATS_SERVER to the path of a nats-server binary`,
    });
  });

  test("asks no further source once the signal aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("shutdown");
    const asked: string[] = [];
    const download: ServerSource = {
      name: "download",
      async find() {
        controller.abort(reason);
        throw new Error("the download was aborted");
      },
    };

    const sources = [download, sourceWith("debian", asked)];
    const finding = findFirstServer(sources, { log: silentLogger, signal: controller.signal });

    await expect(finding).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });
});
