import { describe, expect, test } from "vitest";
import { aRequest } from "../request.fixture.ts";
import { createTenantRecorder } from "./tenant-record.ts";

describe("createTenantRecorder()", () => {
  test("knows the times in which requests waited without a gap", () => {
    const recorder = createTenantRecorder();
    recorder.added(10);
    recorder.added(20);
    recorder.left(aRequest(), 30);
    recorder.left(aRequest(), 40);
    recorder.added(50);
    expect(recorder.isBackloggedThrough({ fromMs: 10, untilMs: 40 })).toBe(true);
    expect(recorder.isBackloggedThrough({ fromMs: 9, untilMs: 40 })).toBe(false);
    expect(recorder.isBackloggedThrough({ fromMs: 10, untilMs: 41 })).toBe(false);
    expect(recorder.isBackloggedThrough({ fromMs: 50, untilMs: 1000 })).toBe(true);
  });

  test("sees no gap where one request takes the place of another", () => {
    const recorder = createTenantRecorder();
    recorder.added(10);
    recorder.left(aRequest(), 30);
    recorder.added(30);
    expect(recorder.isBackloggedThrough({ fromMs: 10, untilMs: 60 })).toBe(true);
  });

  test("takes waits from the arrival and latencies from the sending, and counts what is on time", () => {
    const recorder = createTenantRecorder();
    for (const sentMs of [5, 6]) {
      const request = aRequest({ sentMs, arrivedMs: 10, deadlineMs: sentMs + 94 });
      recorder.added(10);
      recorder.left(request, 30);
      recorder.answered(request, 99);
    }
    expect(recorder.waitsMs).toEqual([20, 20]);
    expect(recorder.latenciesMs({ fromMs: 0, untilMs: 7 })).toEqual([94, 93]);
    expect(recorder.latenciesMs({ fromMs: 6, untilMs: 7 })).toEqual([93]);
    expect(recorder.latenciesMs({ fromMs: 0, untilMs: 6 })).toEqual([94]);
    expect(recorder.answerCount).toBe(2);
    expect(recorder.onTimeCount).toBe(1);
  });
});
