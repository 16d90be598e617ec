import { describe, expect, test } from "vitest";
import { shareOf } from "../../simulation/measure/engine-log.ts";
import { parseEngineLog } from "./engine-log.ts";
import { createTags } from "./tags.ts";

describe("parseEngineLog()", () => {
  test("gives each row of a run an even part of its time, and leaves out a line that is being written", () => {
    const tags = createTags(["a", "b"]);
    const rows = [tags.next("a"), tags.next("a"), tags.next("b"), tags.next("a")];
    const line = JSON.stringify({ model: "m", startedMs: 100, endedMs: 140, tags: rows });
    const log = parseEngineLog(`${line}\n${line.slice(0, 20)}`, tags);
    expect(log).toHaveLength(1);
    expect(log[0]?.tags).toEqual(rows);
    expect(shareOf("a", log, { fromMs: 0, untilMs: 200 })).toBeCloseTo(0.75);
  });

  test("refuses a row of nobody", () => {
    const line = JSON.stringify({ model: "m", startedMs: 0, endedMs: 1, tags: [2 ** 33] });
    expect(() => parseEngineLog(`${line}\n`, createTags(["a", "b"]))).toThrow("is of no tenant");
  });
});
