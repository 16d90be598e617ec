import { describe, expect, test } from "vitest";

import { fitsBeside, roomBeside } from "./step-room.ts";

const limits = { maxSequences: 4, maxTokens: 100, maxContext: 50 };

describe("fitsBeside()", () => {
  test.each([
    { rule: "lets in what fits", maxLength: 20, running: [30, 30], parkedTokens: 0, fits: true },
    {
      rule: "counts all as long as the longest",
      maxLength: 40,
      running: [10, 10],
      parkedTokens: 0,
      fits: false,
    },
    {
      rule: "counts the newcomer as long as the others",
      maxLength: 1,
      running: [40, 40],
      parkedTokens: 0,
      fits: false,
    },
    {
      rule: "counts what is kept for parked ones",
      maxLength: 30,
      running: [30],
      parkedTokens: 41,
      fits: false,
    },
    {
      rule: "keeps to the number of sequences",
      maxLength: 1,
      running: [1, 1, 1, 1],
      parkedTokens: 0,
      fits: false,
    },
  ])("$rule", ({ maxLength, running, parkedTokens, fits }) => {
    expect(fitsBeside(maxLength, { running, parkedTokens }, limits)).toBe(fits);
  });
});

describe("roomBeside()", () => {
  test.each([
    { rule: "reckons with the longest possible where nobody is", lengths: [], room: 2 },
    { rule: "reckons with the longest that is there", lengths: [25], room: 3 },
    { rule: "keeps to the number of sequences", lengths: [5, 5], room: 2 },
    { rule: "is never negative", lengths: [50, 50, 50], room: 0 },
  ])("$rule", ({ lengths, room }) => {
    expect(roomBeside(lengths, limits)).toBe(room);
  });
});
