import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createOutput } from "./output.ts";

function startHost() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCodes: number[] = [];
  const host = { stdout, stderr, exit: (exitCode: number) => void exitCodes.push(exitCode) };
  return { host, stdout, stderr, exitCodes };
}

function streamError(code: string): Error {
  return Object.assign(new Error(`write ${code}`), { code });
}

test("a reader that leaves ends the command with 0 and without a word", () => {
  const { host, stdout, stderr, exitCodes } = startHost();
  createOutput(host);
  stdout.destroy(streamError("EPIPE"));
  return new Promise<void>((resolve) => stdout.on("close", resolve)).then(() => {
    expect(exitCodes).toEqual([0]);
    expect(stderr.read()).toBeNull();
  });
});

test("a standard output that cannot be written ends the command with 1 and one line", async () => {
  const { host, stdout, stderr, exitCodes } = startHost();
  createOutput(host);
  stdout.destroy(streamError("ENOSPC"));
  await new Promise((resolve) => stdout.on("close", resolve));
  expect(exitCodes).toEqual([1]);
  expect(String(stderr.read())).toBe(
    "error: unavailable: standard output cannot be written (write ENOSPC)\n",
  );
});

test("a reader of standard error that leaves does not end the command", async () => {
  const { host, stdout, stderr, exitCodes } = startHost();
  const output = createOutput(host);
  stderr.destroy(streamError("EPIPE"));
  await new Promise((resolve) => stderr.on("close", resolve));
  output.note("a hint");
  output.print("the answer");
  await output.flushed();
  expect(exitCodes).toEqual([]);
  expect(String(stdout.read())).toBe("the answer");
});
