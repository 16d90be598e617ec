import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

  test("stops the processes of the last list, each only when the one before is gone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-guard-"));
    const record = join(folder, "endings");
    const recordEnd = (name: string): string =>
      `process.on("SIGTERM", () => { fs.appendFileSync(${JSON.stringify(record)}, "${name} "); process.exit() })`;
    const one = await startChild(children, recordEnd("one"));
    const two = await startChild(children, recordEnd("two"));
    const exited = Promise.all([once(one, "exit"), once(two, "exit")]);
    const input = new PassThrough();
    input.write(`[${one.pid}]\n`);
    input.end(`[${two.pid},${one.pid}]\n`);
    await guardProcesses({ input, clock: systemClock, drainTimeoutMs: 5000 });
    await exited;
    expect(readFileSync(record, "utf8")).toBe("two one ");
    rmSync(folder, { recursive: true });
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
