import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { createEngineLink, type EngineLink } from "./engine-link.ts";

describe("createEngineLink()", () => {
  test("rejects the run that is going on with unavailable when the thread ends", async () => {
    const link = linkTo("parentPort.on('message', () => process.exit(3));");
    await expect(link.run([])).rejects.toMatchObject({ code: "unavailable" });
  });

  test("gives each of several runs its answer, in their order", async () => {
    const link = linkTo(
      "let count = 0; parentPort.on('message', () => parentPort.postMessage({ kind: 'runFailed', reason: String(++count) }));",
    );
    const replies = await Promise.all([link.run([]), link.run([]), link.run([])]);
    expect(replies.map((reply) => (reply.kind === "runFailed" ? reply.reason : ""))).toEqual(["1", "2", "3"]);
  });

  test("rejects every run that is open when the thread ends", async () => {
    const link = linkTo("parentPort.on('message', () => process.exit(3));");
    const outcomes = await Promise.allSettled([link.run([]), link.run([])]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("keeps what the thread died of as cause", async () => {
    const link = linkTo("parentPort.on('message', () => { throw new Error('boom'); });");
    await expect(link.run([])).rejects.toMatchObject({ code: "unavailable", cause: { message: "boom" } });
  });

  test("refuses runs after the thread has ended", async () => {
    const link = linkTo("");
    await expect(link.reply()).rejects.toMatchObject({ code: "unavailable" });
    await expect(link.run([])).rejects.toMatchObject({ code: "unavailable" });
  });

  test("ends at once when the thread has ended before", async () => {
    const link = linkTo("");
    await expect(link.reply()).rejects.toMatchObject({ code: "unavailable" });
    await link.end();
  });

  test("waits for the thread to end by itself", async () => {
    const said: string[] = [];
    const link = linkTo(
      "parentPort.on('message', ({ kind }) => { parentPort.postMessage({ kind }); parentPort.close(); });",
    );
    const last = link.reply().then((reply) => said.push(reply.kind));
    await link.end().then(() => said.push("ended"));
    await last;
    expect(said).toEqual(["close", "ended"]);
  });
});

function linkTo(code: string): EngineLink {
  const script = `const { parentPort } = require("node:worker_threads"); ${code}`;
  return createEngineLink(new Worker(script, { eval: true, execArgv: [] }));
}
