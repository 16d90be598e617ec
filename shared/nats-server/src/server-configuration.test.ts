import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { resolveNatsServer } from "./resolve-nats-server.ts";
import { createRunCommand } from "./run-command.ts";
import { defaultMaxPayloadBytes, formatServerConfiguration } from "./server-configuration.ts";

/** Has the server check a configuration, which rejects with its complaint. */
async function checkConfiguration(text: string): Promise<void> {
  const { path } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const folder = await mkdtemp(join(tmpdir(), "sluice-configuration-"));
  try {
    const file = join(folder, "nats-server.conf");
    await writeFile(file, text);
    await createRunCommand({ env: process.env })([path, "-t", "-c", file], { timeoutMs: 10_000 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("formatServerConfiguration()", () => {
  test("formats what a server takes, whatever the folder is called", async () => {
    const text = formatServerConfiguration({
      host: "127.0.0.1",
      port: -1,
      storeFolder: '/tmp/a "quoted" folder # with $signs {and} \\ more',
      maxPayloadBytes: defaultMaxPayloadBytes,
      monitoring: true,
    });

    await checkConfiguration(text);
  });
});

describe("deploy/nats/nats-server.conf", () => {
  const file = new URL("../../../deploy/nats/nats-server.conf", import.meta.url);

  test("is taken by the server", async () => {
    await checkConfiguration(await readFile(file, "utf8"));
  });

  test("allows the payload that Sluice's own server allows", async () => {
    const megabytes = /^max_payload: (\d+)MB$/m.exec(await readFile(file, "utf8"))?.[1];

    expect(Number(megabytes) * 1024 * 1024).toBe(defaultMaxPayloadBytes);
  });
});
