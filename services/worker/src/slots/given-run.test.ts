import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { nearEnd } from "./given-run.ts";

/** When the next run is given, of one that will probably end at `endsMs` and ends at `endedMs`. */
async function givenAtMs(endsMs: number, endedMs: number): Promise<{ atMs: number; pending: number }> {
  const clock = createFakeClock();
  const startMs = clock.monotonicMs();
  let atMs = NaN;
  const run = { endsMs: startMs + endsMs, ended: clock.sleep(endedMs) };
  const near = nearEnd(run, clock).then(() => (atMs = clock.monotonicMs() - startMs));
  await clock.advance(100);
  await near;
  return { atMs, pending: clock.pending };
}

describe("nearEnd()", () => {
  test.each([
    { when: "5 ms before the end of a run", endsMs: 20, endedMs: 20, atMs: 15 },
    { when: "at once where that is near", endsMs: 4, endedMs: 4, atMs: 0 },
    { when: "when it has ended early", endsMs: 50, endedMs: 10, atMs: 10 },
    { when: "while it takes longer than expected", endsMs: 10, endedMs: 60, atMs: 5 },
    { when: "at its end where nobody knows when that is", endsMs: Infinity, endedMs: 30, atMs: 30 },
  ])("resolves $when, and leaves no timer behind", async ({ endsMs, endedMs, atMs }) => {
    expect(await givenAtMs(endsMs, endedMs)).toEqual({ atMs, pending: 0 });
  });
});
