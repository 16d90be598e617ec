import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frames, text, token } from "./arbitraries.ts";
import { cellAt } from "./columns.ts";
import type { Frame } from "./frame.ts";
import { createFrame } from "./frames.ts";
import { toMsgpack } from "./msgpack.ts";
import { decodeReplyPack, decodeResultPack, encodeResultPack } from "./result-pack.ts";
import { readRoutes, type Route } from "./result-routes.ts";

const packs = fc.record({ worker: token, packId: token, model: token, version: text, frames });

const isOnRoute =
  ({ reply, tenant, accept }: Route) =>
  (frame: Frame): boolean =>
    frame.reply === reply && frame.tenant === tenant && frame.accept === accept;

describe("readRoutes()", () => {
  test("gives each caller the frames that decoding the whole pack gives it", () => {
    fc.assert(
      fc.property(packs, (pack) => {
        const message = encodeResultPack(pack);
        const whole = decodeResultPack(message);
        const routed = readRoutes(message);
        for (const route of routed.routes) {
          const { model, version, frames: selected } = decodeReplyPack(route.payload);
          expect({ model, version }).toEqual({ model: pack.model, version: pack.version });
          expect(selected).toEqual(whole.frames.filter(isOnRoute(route)));
          expect(route.rows.map((row) => whole.frames[row])).toEqual(selected);
          expect(route.payload.byteLength).toBeLessThanOrEqual(message.byteLength);
        }
        expect(routed.routes.flatMap(({ rows }) => rows).toSorted((a, b) => a - b)).toEqual([
          ...whole.frames.keys(),
        ]);
      }),
    );
  });

  test("tells id, code and end of every frame, and the head", () => {
    fc.assert(
      fc.property(packs, ({ frames: sent, ...head }) => {
        const routed = readRoutes(encodeResultPack({ ...head, frames: sent }));
        expect(routed).toMatchObject({ ...head, frameCount: sent.length });
        for (const [row, { id, final, code }] of sent.entries()) {
          expect(cellAt(routed.id, row)).toBe(id);
          expect(cellAt(routed.final, row)).toBe(final);
          expect(cellAt(routed.code, row)).toBe(code);
        }
      }),
    );
  });

  const caller = { tenant: "acme", reply: "_INBOX.a", accept: "msgpack", attempt: 0 } as const;
  const head = { worker: "w1", packId: "p1", model: "echo", version: "1" };

  test("gives the message itself to the only caller", () => {
    const message = encodeResultPack({ ...head, frames: [createFrame({ id: "a", ...caller }, {})] });
    expect(readRoutes(message).routes).toMatchObject([{ reply: "_INBOX.a", rows: [0] }]);
    expect(readRoutes(message).routes[0]?.payload).toBe(message);
  });

  test("passes on fields it does not know", () => {
    const wire = [
      { ...head, count: 2, layouts: [[]], later: 1 },
      { tenant: "acme", more: 2 },
      { id: ["a", "b"], reply: ["_INBOX.a", "_INBOX.b"], most: [3, 4] },
      Uint8Array.of(),
    ];
    const payloads = readRoutes(toMsgpack(wire)).routes.map(({ payload }) => payload);
    expect(payloads.map((payload) => decodeResultPack(payload).worker)).toEqual(["w1", "w1"]);
    expect(payloads.map((payload) => Buffer.from(payload).includes("later"))).toEqual([true, true]);
    expect(payloads.map((payload) => Buffer.from(payload).includes("most"))).toEqual([true, true]);
  });

  const none = Uint8Array.of();
  const wireHead = { ...head, count: 2, layouts: [[]] };
  const columns = { id: ["a", "b"], reply: ["_INBOX.a", "_INBOX.b"] };

  test.each<readonly [string, unknown, string]>([
    ["a map", {}, '"message" is a map'],
    ["a head without worker", [{ count: 0, layouts: [] }, {}, {}, none], '"worker" is missing'],
    [
      "a reply with a wildcard",
      [wireHead, {}, { ...columns, reply: ["a.*", "b"] }, none],
      '"reply" is "a.*"',
    ],
    ["an unknown form of answer", [wireHead, { accept: "xml" }, columns, none], '"accept" is "xml"'],
    ["a short column", [wireHead, {}, { ...columns, frame: [1] }, none], '"frame" is a list of 1'],
    ["a body that is too long", [wireHead, {}, columns, Uint8Array.of(1)], "the body has 1 bytes"],
  ])("refuses %s", (_name, message, expected) => {
    expect(() => readRoutes(toMsgpack(message))).toThrow(expected);
  });
});
