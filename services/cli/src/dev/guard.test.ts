import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { systemClock } from "@sluice/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { guardProcesses } from "./guard.ts";

/** Says "up" and then waits for ever; `source` may make it ignore signals. */
async function startChild(children: ChildProcess[], source = ""): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", `${source}; setInterval(() => {}, 1000); console.log("up")`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

describe("guardProcesses", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  test("stops the processes of the last list, in order, when its pipe closes", async () => {
    const one = await startChild(children);
    const two = await startChild(children);
    const endings: string[] = [];
    one.once("exit", () => endings.push("one"));
    two.once("exit", () => endings.push("two"));
    const input = new PassThrough();
    const guarding = guardProcesses({ input, clock: systemClock, drainTimeoutMs: 5000 });
    input.write(`[${one.pid}]\n`);
    input.end(`[${two.pid},${one.pid}]\n`);
    await guarding;
    await Promise.all(
      [one, two].map(async (child) => child.exitCode ?? child.signalCode ?? once(child, "exit")),
    );
    expect(endings).toEqual(["two", "one"]);
    expect(one.signalCode).toBe("SIGTERM");
  });

  test("kills a process that does not end in time", async () => {
    const stubborn = await startChild(children, 'process.on("SIGTERM", () => {})');
    const exited = once(stubborn, "exit");
    const input = new PassThrough();
    input.end(`[${stubborn.pid}]\n`);
    await guardProcesses({ input, clock: systemClock, drainTimeoutMs: 100 });
    await exited;
    expect(stubborn.signalCode).toBe("SIGKILL");
  });

  test("stops nothing when the last list is empty, and ignores processes that are gone", async () => {
    const child = await startChild(children);
    const input = new PassThrough();
    input.write(`[${child.pid}]\n`);
    input.end("[]\n");
    await guardProcesses({ input, clock: systemClock, drainTimeoutMs: 100 });
    expect(child.exitCode ?? child.signalCode).toBeNull();

    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    const again = new PassThrough();
    again.end(`[${child.pid}]\n`);
    await guardProcesses({ input: again, clock: systemClock, drainTimeoutMs: 100 });
  });
});
