import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { createRunCommand } from "./run-command.ts";

const run = createRunCommand({ env: process.env });
const node = process.execPath;
const timeoutMs = 10_000;

describe("createRunCommand()", () => {
  test("gives what the command wrote", async () => {
    expect(await run([node, "-p", "6 * 7"], { timeoutMs })).toBe("42\n");
  });

  test("runs the command in the folder it is told", async () => {
    const output = await run([node, "-p", "process.cwd()"], { timeoutMs, folder: tmpdir() });

    expect(output).toBe(`${await realpath(tmpdir())}\n`);
  });

  test("asks commands for plain English", async () => {
    expect(await run([node, "-p", "process.env.LC_ALL"], { timeoutMs })).toBe("C\n");
  });

  test("says that a command is missing", async () => {
    await expect(run(["no-such-command"], { timeoutMs })).rejects.toMatchObject({
      code: "unavailable",
      message: "there is no command no-such-command",
    });
  });

  test("gives the last line of what a failed command complained of", async () => {
    const script = "console.error('first'); console.error('second'); process.exit(3)";

    await expect(run([node, "-e", script], { timeoutMs })).rejects.toThrow(`${node} failed: second`);
  });

  test("ends a command that takes too long", async () => {
    const script = "setInterval(() => {}, 1000)";

    await expect(run([node, "-e", script], { timeoutMs: 100 })).rejects.toThrow(
      `${node} took longer than 100 ms`,
    );
  });

  test("ends a command when the signal aborts", async () => {
    const controller = new AbortController();
    const runUntil = createRunCommand({ env: process.env, signal: controller.signal });
    const running = runUntil([node, "-e", "setInterval(() => {}, 1000)"], { timeoutMs });
    const reason = new Error("shutdown");

    controller.abort(reason);

    await expect(running).rejects.toBe(reason);
  });
});
