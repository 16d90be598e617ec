import { readFile } from "node:fs/promises";
import type { EngineRun } from "../../simulation/measure/engine-log.ts";
import type { Tags } from "./tags.ts";

/** One run of an engine, as a worker wrote it down. */
export interface LoggedRun extends EngineRun {
  readonly model: string;
  /** One of each row that was run; a run that failed has them too. */
  readonly tags: readonly number[];
}

/** Reads what the engines of all workers of a stage have run so far; nothing, if none has run yet. */
export async function readEngineLog(path: string, tags: Tags): Promise<readonly LoggedRun[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return parseEngineLog(text, tags);
}

/** What follows the last end of a line is still being written. Rows of a run share its time evenly: they are alike. */
export function parseEngineLog(text: string, tags: Tags): readonly LoggedRun[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const run = JSON.parse(line) as { model: string; startedMs: number; endedMs: number; tags: number[] };
      const costMs = (run.endedMs - run.startedMs) / run.tags.length;
      return {
        model: run.model,
        startMs: run.startedMs,
        endMs: run.endedMs,
        tags: run.tags,
        parts: run.tags.map((tag) => ({ tenant: tags.tenantOf(tag), costMs })),
      };
    });
}
