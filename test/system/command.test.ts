import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { sluice } from "./dev-process.ts";

/** Starts the `sluice` command as a shell would. */
function start(...command: readonly string[]) {
  return spawn(process.execPath, [sluice, ...command], { stdio: ["ignore", "pipe", "pipe"] });
}

describe("the sluice command", () => {
  test("ends with one line where a server takes connections and never greets", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const child = start("models", "--nats", `nats://127.0.0.1:${port}`);
      const [notes, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      expect(notes).toMatch(/^error: unavailable: no NATS server could be reached .*\n$/);
      expect(exitCode).toBe(1);
    } finally {
      server.close();
    }
  });

  test("ends with 0 and without a word where its reader has left", async () => {
    const child = start("--help");
    child.stdout.destroy();
    const [notes, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ notes, exitCode }).toEqual({ notes: "", exitCode: 0 });
  });
});
