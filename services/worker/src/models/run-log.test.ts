import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { readModelRepository } from "../repository/model-repository.ts";
import { createEngineLoader } from "./engine-loader.ts";

async function aFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sluice-run-log-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe("a synthetic model with a run log", () => {
  test("appends a line for each run of each worker, in wall time, before it is answered", async () => {
    await using folder = await aFolder();
    await mkdir(join(folder.path, "m"));
    await writeFile(
      join(folder.path, "m", "model.yaml"),
      "name: m\nengine: synthetic\nsynthetic: { alphaMs: 4, runLog: runs.jsonl, faults: { fail: -1 } }\n",
    );
    const { models } = await readModelRepository(folder.path);
    const [model] = models;
    if (model === undefined) throw new Error("the model was not read");
    const clock = createFakeClock();
    const wallMs = clock.nowMs();
    for (const workerId of ["w1", "w2"]) {
      const load = createEngineLoader({
        workerId,
        provider: "cpu",
        intraOpThreads: 1,
        clock,
        random: () => 0.5,
      });
      await using engine = await load(model);
      const tag = workerId === "w1" ? 7 : -1;
      const input = {
        name: "input",
        datatype: "FP32",
        shape: [1, 1],
        buffer: Float32Array.of(tag).buffer,
      } as const;
      const run = engine.run([input]).catch(() => undefined);
      await clock.advance(4);
      await run;
    }
    const text = await readFile(join(folder.path, "m", "runs.jsonl"), "utf8");
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      {
        worker: "w1",
        model: "m",
        startedMs: wallMs,
        endedMs: wallMs + 4,
        items: 1,
        tags: [7],
        outcome: "ok",
      },
      {
        worker: "w2",
        model: "m",
        startedMs: wallMs + 4,
        endedMs: wallMs + 8,
        items: 1,
        tags: [-1],
        outcome: "failed",
      },
    ]);
  });
});
