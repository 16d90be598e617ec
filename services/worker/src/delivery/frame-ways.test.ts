import { aFrame } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { frameWays } from "./frame-ways.ts";

const [one, two] = ["sluice.v1.reply.acme.one", "sluice.v1.reply.acme.two"] as const;

describe("frameWays()", () => {
  test("sends the frames of SDKs straight, those of each caller together and in order", () => {
    const frames = [
      aFrame({ id: "a", reply: one }),
      aFrame({ id: "b", reply: two }),
      aFrame({ id: "c", reply: one }),
    ];
    const { straight, routed } = frameWays(frames);
    expect(straight.map(({ reply, frames: own }) => [reply, own.map(({ id }) => id)])).toEqual([
      [one, ["a", "c"]],
      [two, ["b"]],
    ]);
    expect(routed).toEqual([]);
  });

  test.each([
    { what: "a plain NATS caller", fields: { reply: "_INBOX.caller.1" } },
    { what: "whoever wants JSON", fields: { reply: one, accept: "json" as const } },
    { what: "a reply subject of another tenant", fields: { reply: "sluice.v1.reply.other.one" } },
    { what: "a subject that nobody may be answered on", fields: { reply: "sluice.v1.credit.p" } },
  ])("leaves the frame of $what to the results service", ({ fields }) => {
    const frames = [aFrame({ id: "a", ...fields }), aFrame({ id: "b", reply: one })];
    const { straight, routed } = frameWays(frames);
    expect(routed.map(({ id }) => id)).toEqual(["a"]);
    expect(straight.map(({ reply }) => reply)).toEqual([one]);
  });
});
